#include "claims.h"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "compare/terminal/columns.h"
#include "program.h"
#include "spate/drivers/broker.h"

namespace spate::bench {
namespace {

struct Side {
  std::string_view benchmark;
  const char* figure;
};
// The quotient `own` / `reference` of two benchmarks' figures, or of two figures of one.
struct Claim {
  std::string_view what;
  Side own;
  Side reference;  // without a benchmark: the figure stands for itself
  const char* unit;
  bool more_is_better;
  double limit;
};

constexpr Side kItself{"", nullptr};
constexpr const char* kResponseP50 = "response_ns_p50";
constexpr const char* kSustained = "sustained/mode:mock/rate:1000000/agents:9";
constexpr const char* kScale = "scale/mode:mock/rate:100000/agents:100000";

// Throughput is the inverse of time, so the quotient of throughputs has the sides exchanged.
constexpr std::array<Claim, 17> kClaims{{
    {"one message without waiting: time of micro/decide_and_record by reference/decide_and_record",
     {"micro/decide_and_record", kTimeNs},
     {"reference/decide_and_record", kTimeNs},
     " x",
     false,
     2.0},
    {"the queue path: throughput of peer/queue by reference/moodycamel",
     {"reference/moodycamel", kTimeNs},
     {"peer/queue", kTimeNs},
     " x",
     true,
     0.8},
    {"a million messages a second through the mock: rate achieved by rate asked",
     {kSustained, "rate_achieved"},
     {kSustained, "rate_asked"},
     " x",
     true,
     0.999},
    {"a million messages a second through the mock: median lateness of a send",
     {kSustained, "send_lateness_ns_p50"},
     kItself,
     " ns",
     false,
     20'000},
    {"100,000 agents: memory an agent",
     {kScale, "memory_bytes_per_agent"},
     kItself,
     " bytes",
     false,
     1024},
    {"the mock core from 8 threads: throughput of micro/messaging_core by reference/locked_core",
     {"reference/locked_core/threads:8", kTimeNs},
     {"micro/messaging_core/threads:8", kTimeNs},
     " x",
     true,
     3.0},
    {"the mock core from 1 thread: throughput of micro/messaging_core by reference/locked_core",
     {"reference/locked_core/threads:1", kTimeNs},
     {"micro/messaging_core/threads:1", kTimeNs},
     " x",
     true,
     1.0},
    {"draining a queue: throughput of micro/queue_processor by reference/moodycamel_drain",
     {"reference/moodycamel_drain/threads:1", kTimeNs},
     {"micro/queue_processor/threads:1", kTimeNs},
     " x",
     true,
     0.8},
    {"a delivery in virtual time, direct: micro/simulate/direct by reference/decide_and_record",
     {"micro/simulate/direct/workers:1", kTimeNs},
     {"reference/decide_and_record", kTimeNs},
     " x",
     false,
     1.5},
    {"the same by itself", {"micro/simulate/direct/workers:1", kTimeNs}, kItself, " ns", false, 12},
    {"the same with two workers: throughput by that of one",
     {"micro/simulate/direct/workers:1", kTimeNs},
     {"micro/simulate/direct/workers:2", kTimeNs},
     " x",
     true,
     1.8},
    {"a delivery in virtual time, in the order of time: micro/simulate/in_order, 2,000 agents",
     {"micro/simulate/in_order/agents:2000", kTimeNs},
     kItself,
     " ns",
     false,
     40},
    {"a minute of 9 agents and 100 messages a second: micro/simulate/one_minute",
     {"micro/simulate/one_minute", kTimeNs},
     kItself,
     " ns",
     false,
     1e6},
    {"a hundred million deliveries among a million agents: memory",
     {"scale/sim/agents:1000000/deliveries:100000000", "peak_bytes"},
     kItself,
     " bytes",
     false,
     2147483648.0},
    {"the proxy, 64 KiB at a time: throughput of micro/tcp_stream through it by that of a direct "
     "way",
     {"micro/tcp_stream/way:direct/write:65536", kTimeNs},
     {"micro/tcp_stream/way:proxy/write:65536", kTimeNs},
     " x",
     true,
     0.5},
    {"the proxy, 128 bytes at a time: throughput of micro/tcp_stream through it by that of a "
     "direct "
     "way",
     {"micro/tcp_stream/way:direct/write:128", kTimeNs},
     {"micro/tcp_stream/way:proxy/write:128", kTimeNs},
     " x",
     true,
     1.0},
    {"the proxy, there and back: time of micro/tcp_round_trip through it by that of a direct way",
     {"micro/tcp_round_trip/way:proxy", kTimeNs},
     {"micro/tcp_round_trip/way:direct", kTimeNs},
     " x",
     false,
     2.5},
}};

std::optional<double> find(const Figures& figures, const Side& side) {
  const auto benchmark = figures.find(std::string(side.benchmark));
  if (benchmark == figures.end()) {
    return std::nullopt;
  }
  const auto figure = benchmark->second.find(side.figure);
  return figure == benchmark->second.end() ? std::nullopt : std::optional{figure->second};
}

void print_claim(std::FILE* out, const Figures& figures, const Claim& claim) {
  const std::optional<double> own = find(figures, claim.own);
  const std::optional<double> reference =
      claim.reference.benchmark.empty() ? 1.0 : find(figures, claim.reference);
  if (own && reference) {
    const std::string line =
        fmt::format("{}: {:.4g}{} (wanted: {} {}{})", claim.what, *own / *reference, claim.unit,
                    claim.more_is_better ? ">=" : "<=", claim.limit, claim.unit);
    say(out, fmt::format("{}\n", compare::wrapped(line, compare::kUsualColumns, 4)));
  }
}

// Through a broker, whichever it is.
void print_broker_claims(std::FILE* out, const Figures& figures, std::string_view mode) {
  for (const std::string_view way : {"publish", "deliver"}) {
    const std::string own = fmt::format("{}/mode:{}", way, mode);
    const std::string bare = fmt::format("reference/{}_{}", way, mode);
    const std::string what = fmt::format("through {}: throughput of {} by {}", mode, own, bare);
    print_claim(out, figures, {what, {bare, kTimeNs}, {own, kTimeNs}, " x", true, 0.9});
  }
  const std::string own = fmt::format("paced/mode:{}", mode);
  const std::string bare = fmt::format("reference/paced_{}", mode);
  const std::string what = fmt::format("through {}, 1,000/s: p50 of {} by {}", mode, own, bare);
  print_claim(out, figures, {what, {own, kResponseP50}, {bare, kResponseP50}, " x", false, 1.1});
}

}  // namespace

void print_claims(std::FILE* out, const Figures& figures) {
  for (const Claim& claim : kClaims) {
    print_claim(out, figures, claim);
  }
  for (const drivers::Driver& driver : drivers::all_drivers()) {
    print_broker_claims(out, figures, driver.name);
  }
}

}  // namespace spate::bench
