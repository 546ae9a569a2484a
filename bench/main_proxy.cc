#include "spate/bench/programs.h"

int main(int argc, char** argv) { return spate::bench::proxy_main(argc, argv); }
