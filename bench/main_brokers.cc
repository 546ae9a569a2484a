#include "spate/bench/programs.h"

int main(int argc, char** argv) { return spate::bench::brokers_main(argc, argv); }
