#include "spate/bench/programs.h"

int main(int argc, char** argv) { return spate::bench::bench_main(argc, argv); }
