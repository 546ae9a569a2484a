#include "spate/bench/programs.h"

int main(int argc, char** argv) { return spate::bench::conformance_main(argc, argv); }
