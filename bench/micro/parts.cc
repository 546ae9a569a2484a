// The parts of the hot path, one by one.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <array>
#include <utility>

#include "micro.h"
#include "spate/agents.h"
#include "spate/chaos_judge.h"
#include "spate/exponential.h"
#include "spate/latency_recorder.h"
#include "spate/ledger.h"
#include "spate/stress_run.h"

namespace spate::bench {
namespace {

// Google Benchmark's loop costs as much as a part does; so it counts them in blocks.
constexpr std::uint64_t kBlock = 1024;

template <class Body>
void repeat(benchmark::State& state, Body body) {
  std::uint64_t index = 0;
  while (keep_running(state, kBlock)) {
    for (std::uint64_t end = index + kBlock; index < end; ++index) {
      body(index);
    }
  }
}

void draw(benchmark::State& state) {
  repeat(state, [](std::uint64_t sequence) {
    benchmark::DoNotOptimize(MessageDraws(1, 3, sequence).draw(Purpose::type));
  });
}

// One gap of Poisson arrivals.
void arrival_gap(benchmark::State& state) {
  repeat(state, [](std::uint64_t sequence) {
    benchmark::DoNotOptimize(exponential(MessageDraws(1, 3, sequence).draw(Purpose::arrival)));
  });
}

// One latency. The draw itself is not counted: it is micro/draw's, and a verdict has it anyway.
void latency(benchmark::State& state, const LatencyModel& model) {
  repeat(state, [&](std::uint64_t index) {
    benchmark::DoNotOptimize(model.draw_ns(index * 0x9e3779b97f4a7c15U));
  });
}

LatencyModel recorded_model() {
  LatencyRecorder recorded;
  const LatencyModel lognormal = LatencyModel::lognormal(2'000'000, 20'000'000);
  for (std::uint64_t index = 0; index < 100'000; ++index) {
    recorded.record(lognormal.draw_ns(mix64(index)));
  }
  return LatencyModel::empirical(recorded);
}

void register_latency_models() {
  const std::array<std::pair<const char*, LatencyModel>, 5> models{{
      {"uniform", MockSettings{}.latency},
      {"exponential", LatencyModel::exponential(1'000'000)},
      {"lognormal", LatencyModel::lognormal(2'000'000, 20'000'000)},
      {"pareto", LatencyModel::pareto(1'000'000, 10'000'000'000, 1.5)},
      {"empirical", recorded_model()},
  }};
  for (const auto& [name, model] : models) {
    benchmark::RegisterBenchmark(
        fmt::format("micro/latency_model/{}", name).c_str(),
        [model = model](benchmark::State& state) { latency(state, model); });
  }
}

void verdict(benchmark::State& state) {
  const ChaosProfile profile = ChaosProfile::on();
  repeat(state, [&](std::uint64_t sequence) {
    benchmark::DoNotOptimize(chaos_verdict(profile, MessageDraws(1, 3, sequence), 5));
  });
}

// The same for a profile with every fault, and in order, as a run asks.
void judge(benchmark::State& state) {
  ChaosJudge storm(ChaosProfile::storm(), 1, 9);
  Message message;
  message.recipient = 5;
  repeat(state, [&](std::uint64_t sequence) {
    message.sequence = sequence;
    benchmark::DoNotOptimize(storm.judge(message));
  });
}

void recorder(benchmark::State& state) {
  LatencyRecorder latencies;
  repeat(state, [&](std::uint64_t index) {
    latencies.record(static_cast<std::int64_t>(index * 0x9e3779b97f4a7c15U >> 40));  // to 16 ms
  });
  benchmark::DoNotOptimize(latencies.count());
}

void ledger_mark(benchmark::State& state) {
  constexpr std::uint64_t kRound = 1 << 20;  // then the ledger starts again
  while (keep_running(state, kRound)) {
    SeenLedger ledger(1);
    for (std::uint64_t ordinal = 0; ordinal < kRound; ++ordinal) {
      benchmark::DoNotOptimize(ledger.mark(0, ordinal));
    }
  }
}

// Rendering, and the checksums of sender and receiver; in batches, as a queue does it.
void payload(benchmark::State& state) {
  constexpr std::size_t kBatch = 64;
  RunPlan plan;
  plan.messages = kMaxMessages;
  const std::shared_ptr<const Payloads> payloads = payloads_for(plan);
  std::vector<std::byte> buffer(payloads->buffer_bytes() * kBatch);
  std::array<std::size_t, kBatch> sizes{};
  Message message;
  message.recipient = 5;
  while (keep_running(state, kBatch)) {
    for (std::size_t i = 0; i < kBatch; ++i) {
      ++message.sequence;
      sizes[i] = payloads->write(message, &buffer[i * payloads->buffer_bytes()]);
    }
    for (int side = 0; side < 2; ++side) {
      for (std::size_t i = 0; i < kBatch; ++i) {
        benchmark::DoNotOptimize(
            payloads->checksum(message, {&buffer[i * payloads->buffer_bytes()], sizes[i]}));
      }
    }
  }
}

}  // namespace

void register_parts() {
  benchmark::RegisterBenchmark("micro/draw", draw);
  benchmark::RegisterBenchmark("micro/arrival_gap", arrival_gap);
  register_latency_models();
  benchmark::RegisterBenchmark("micro/verdict", verdict);
  benchmark::RegisterBenchmark("micro/judge_storm", judge);
  benchmark::RegisterBenchmark("micro/recorder", recorder);
  benchmark::RegisterBenchmark("micro/ledger_mark", ledger_mark);
  benchmark::RegisterBenchmark("micro/payload", payload);
}

}  // namespace spate::bench
