// Whole runs with fixed settings, each of which backs a claim.
#include "micro.h"

namespace spate::bench {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

Cell text_only(const Options& options, const char* claim, const char* mode, std::uint64_t rate,
               std::uint32_t agents, std::int64_t duration_ns) {
  Cell cell;
  cell.claim = claim;
  cell.plan.mode = mode;
  cell.plan.rate = rate;
  cell.plan.agents = agents;
  cell.plan.workers = 2;
  cell.plan.seed = options.plan.seed;
  cell.plan.types = TypeMix(TypeMix::Weights{1, 0, 0, 0});
  cell.plan.messages = messages_for(rate, duration_ns);
  cell.duration_ns = duration_ns;
  cell.templates_name = "built-in";
  return cell;
}

}  // namespace

void register_scale(const Options& options, RunStore& store) {
  // As fast as the queue goes, beside reference/moodycamel.
  register_cell("peer/queue",
                text_only(options, "peer queue", "queue", 0, 9, options.closed_loop_ns), store);
  // A million messages a second, held for five seconds.
  register_cell("sustained/mode:mock/rate:1000000/agents:9",
                text_only(options, "sustained mock", "mock", 1'000'000, 9, 5 * kSecond), store);
  // Many agents: without broadcasts, each of which would be 100,000 deliveries.
  register_cell("scale/mode:mock/rate:100000/agents:100000",
                text_only(options, "scale mock", "mock", 100'000, 100'000, kSecond), store,
                {.measure_memory = true, .watcher = nullptr});
}

}  // namespace spate::bench
