// Prints histograms for decode.js: a line of JSON each, with the text and what Spate reads from it.
#include <array>
#include <cstdint>
#include <initializer_list>
#include <iostream>
#include <random>
#include <string_view>

#include "spate/hdr_encoding.h"
#include "spate/latency_recorder.h"

namespace {

constexpr std::array kPercentiles{0.1,  1.0,  5.0,  10.0, 25.0, 33.3,  50.0,   66.6,
                                  75.0, 90.0, 95.0, 99.0, 99.9, 99.99, 99.999, 100.0};

void print(std::string_view name, const spate::LatencyRecorder& recorder) {
  std::cout << R"({"name":")" << name << R"(","text":")" << spate::encode_hdr(recorder)
            << R"(","count":)" << recorder.count() << R"(,"max":)" << recorder.max()
            << R"(,"percentiles":[)";
  std::string_view separator;
  for (const double percentile : kPercentiles) {
    std::cout << separator << '[' << percentile << ',' << recorder.quantile(percentile / 100.0)
              << ']';
    separator = ",";
  }
  std::cout << "]}\n";
}

// Latencies of 0 … 2^bits - 1 ns, every octave equally likely.
void print_random(std::string_view name, int count, std::uint64_t bits) {
  std::mt19937_64 random(static_cast<std::uint64_t>(count));
  spate::LatencyRecorder recorder;
  for (int i = 0; i < count; ++i) {
    recorder.record(static_cast<std::int64_t>(random() >> (64 - 1 - random() % bits)));
  }
  print(name, recorder);
}

void print_values(std::string_view name, std::initializer_list<std::int64_t> values) {
  spate::LatencyRecorder recorder;
  for (const std::int64_t ns : values) {
    recorder.record(ns);
  }
  print(name, recorder);
}

void print_ramp(std::string_view name, std::int64_t count) {
  spate::LatencyRecorder recorder;
  for (std::int64_t ns = 1; ns <= count; ++ns) {
    recorder.record(ns);
  }
  print(name, recorder);
}

}  // namespace

int main() {
  constexpr std::int64_t kHour = spate::LatencyRecorder::kHighestNs;
  print_values("empty", {});
  print_values("zero", {0});
  print_values("one nanosecond", {1});
  print_values("one hour", {kHour});
  print_values("ends of the range", {0, 1, kHour - 1, kHour});
  print_values("bucket borders", {255, 256, 257, 511, 512, 1023, 1024, 1LL << 41, (1LL << 41) - 1});
  print_values("negative", {-5, 5});
  print_values("overflow", {1, kHour + 1, 5 * kHour});
  print_ramp("ramp of 100", 100);
  print_ramp("ramp of 1000", 1'000);
  print_ramp("ramp of 1000000", 1'000'000);
  print_random("microseconds", 100'003, 20);
  print_random("whole range", 250'007, 41);
}
