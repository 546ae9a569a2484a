// The micro-benchmarks, and the references that performance claims are measured against. Each file
// in this folder registers what is in it.
#pragma once

#include <benchmark/benchmark.h>

#include "interrupt.h"
#include "matrix.h"
#include "options.h"

namespace spate::bench {

// KeepRunningBatch for bodies that can be interrupted.
inline bool keep_running(benchmark::State& state, benchmark::IterationCount batch) {
  if (interrupted()) {
    state.SkipWithError("interrupted");
  }
  return state.KeepRunningBatch(batch);
}

// brokers.cc: through the brokers among the modes, with their references.
void register_brokers(const Options& options, RunStore& store);
void register_parts();  // parts.cc: draw, latency models, verdict, recorder, ledger, payload
void register_decide_and_record();  // decide_and_record.cc, with its reference
void register_deliveries();         // deliveries.cc: send and receive of one message, one thread
void register_messaging_core();     // messaging_core.cc: by threads, with its reference
void register_moodycamel();         // moodycamel.cc: the reference of peer/queue
void register_queue_processor();    // queue_processor.cc, with its reference
void register_simulation();         // simulation.cc: runs in virtual time, and their event queues
void register_tcp_proxy();          // tcp_proxy.cc: through the proxy, beside a direct way
// scale.cc: whole runs with fixed settings that back a claim.
void register_scale(const Options& options, RunStore& store);

inline void register_micro_benchmarks(const Options& options, RunStore& store) {
  register_parts();
  register_decide_and_record();
  register_deliveries();
  register_messaging_core();
  register_moodycamel();
  register_queue_processor();
  register_simulation();
  register_tcp_proxy();
  register_scale(options, store);
  register_brokers(options, store);
}

}  // namespace spate::bench
