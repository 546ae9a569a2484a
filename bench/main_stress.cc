#include "spate/bench/programs.h"

int main(int argc, char** argv) { return spate::bench::stress_main(argc, argv); }
