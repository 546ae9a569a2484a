// The programs as functions: for a main of one's own, which first registers what it adds.
#pragma once

namespace spate::bench {

// Each does all that the program of its name does, printing included, and returns its exit code.
// Once per process.
int bench_main(int argc, char** argv);   // spate_bench: the matrix and the micro-benchmarks
int stress_main(int argc, char** argv);  // spate_stress: one run, for a person
int conformance_main(int argc,
                     char** argv);        // spate_conformance: does a delivery keep its contract?
int brokers_main(int argc, char** argv);  // spate_brokers: servers of our own, for other programs
int proxy_main(int argc, char** argv);    // spate_proxy: a bad network, for other programs

}  // namespace spate::bench
