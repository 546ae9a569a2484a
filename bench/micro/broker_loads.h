// What the bare loops over brokers are asked to send.
#pragma once

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdint>

#include "references/references.h"
#include "spate/clock.h"
#include "spate/latency_recorder.h"

namespace spate::bench {

// As much as goes, with so many in flight; by the benchmark's clock, which stands still but for
// that.
class FullLoad final : public Load {
 public:
  FullLoad(benchmark::State& state, std::uint64_t messages, std::size_t in_flight)
      : Load(messages), state_(state), in_flight_(in_flight) {}

  void begin() override { state_.ResumeTiming(); }
  void end() override { state_.PauseTiming(); }
  std::uint64_t allowed(std::uint64_t come) const override {
    return std::min(messages(), come + in_flight_);
  }

 private:
  benchmark::State& state_;
  std::uint64_t in_flight_;
};

// One after the other at even distances, whatever comes of them.
class PacedLoad final : public Load {
 public:
  PacedLoad(std::uint64_t messages, std::uint64_t rate)
      : Load(messages), gap_ns_(1'000'000'000 / static_cast<std::int64_t>(rate)) {}

  void begin() override { begin_ns_ = clock_.now_ns(); }
  void end() override {}
  std::uint64_t allowed(std::uint64_t /*come*/) const override {
    return std::min(messages(),
                    static_cast<std::uint64_t>((clock_.now_ns() - begin_ns_) / gap_ns_));
  }
  void come(std::uint64_t messages) override {
    const std::int64_t now_ns = clock_.now_ns();
    for (; come_ < messages; ++come_) {
      const std::int64_t due_ns = begin_ns_ + static_cast<std::int64_t>(come_ + 1) * gap_ns_;
      response_.record(now_ns - due_ns);
    }
  }

  const LatencyRecorder& response() const { return response_; }

 private:
  SteadyClock clock_;
  std::int64_t gap_ns_;
  std::int64_t begin_ns_ = 0;
  std::uint64_t come_ = 0;
  LatencyRecorder response_;
};

}  // namespace spate::bench
