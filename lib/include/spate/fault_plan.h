// Real faults: what befalls a broker or the way to it while a run goes on, and when. Unlike the
// verdicts of chaos (chaos_verdict.h) they strike whoever is there: which messages they meet is not
// decided by the seed, and no part of the digest.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace spate {

struct Fault {
  // In this order: of the process first, of the load last (see below).
  enum class Kind : std::uint8_t {
    // Of a broker that Spate started.
    kill_broker,     // SIGKILL; after `for_ns` it is started again on the same data
    restart_broker,  // asked to end, and started again on the same data when it has
    pause_broker,    // SIGSTOP; after `for_ns` SIGCONT
    // Of the way to a broker, by a proxy.
    reset_connections,  // each connection that there is ends, with a reset
    half_close,         // each connection that there is: no more answers, and the client is told so
    latency,            // bytes arrive `add_ns` and up to `jitter_ns` later, in their order
    bandwidth,          // of each connection and direction
    blackhole,          // nothing passes, nobody is told; what was held back passes afterwards
    slice,              // bytes are sent in small pieces, each by itself
    drop_acks,  // what the broker answers is lost; afterwards the connections that lost some are
                // reset
    // Of the load.
    stall_receivers,  // nobody receives, while sending goes on
  };

  Kind kind = Kind::reset_connections;
  std::int64_t at_ns = 0;              // after the start of the run
  std::int64_t spread_ns = 0;          // it begins 0 … so much later, as the seed has it
  std::int64_t for_ns = 0;             // how long it lasts; 0 where it is over at once
  std::int64_t add_ns = 0;             // latency
  std::int64_t jitter_ns = 0;          // latency: besides, 0 … this, as chance has it
  std::uint64_t bytes_per_second = 0;  // bandwidth

  std::int64_t end_ns() const { return at_ns + spread_ns + for_ns; }
  bool of_process() const { return kind <= Kind::pause_broker; }
  bool of_load() const { return kind == Kind::stall_receivers; }
  bool of_way() const { return !of_process() && !of_load(); }

  bool operator==(const Fault&) const = default;
};

inline constexpr std::array<std::string_view, 11> kFaultNames{
    "kill-broker", "restart-broker", "pause-broker",   "reset-connections",
    "half-close",  "latency",        "bandwidth",      "blackhole",
    "slice",       "drop-acks",      "stall-receivers"};
static_assert(kFaultNames.size() == static_cast<std::size_t>(Fault::Kind::stall_receivers) + 1,
              "in the order of the kinds");
constexpr std::string_view name_of(Fault::Kind kind) {
  return kFaultNames[static_cast<std::size_t>(kind)];
}

// In order of their beginnings, with the spread drawn: a pure function of plan and seed.
std::vector<Fault> scheduled(std::span<const Fault> plan, std::uint64_t seed);

// What became of one. Times are after the run's start.
struct ExecutedFault {
  Fault fault;                   // as scheduled: without a spread
  std::int64_t begun_ns = -1;    // -1: the run ended before
  std::int64_t ended_ns = -1;    // -1: it was still in force at the run's end
  std::int64_t noticed_ns = -1;  // when a driver first spoke of trouble after that; -1: never
  std::string trouble;           // why it could not be done; empty: it was
};

// Lets the faults of a run happen, from threads of its own.
class FaultInjector {
 public:
  FaultInjector() = default;
  FaultInjector(const FaultInjector&) = delete;
  FaultInjector& operator=(const FaultInjector&) = delete;
  virtual ~FaultInjector() = default;

  // While it is true no worker of the run receives. Null: they always do. Read by any thread.
  virtual const std::atomic<bool>* receivers_stand() const { return nullptr; }
  // Once. `start_ns`: the run's start on the SteadyClock; may lie a little ahead. Does not wait.
  virtual void start(std::int64_t start_ns) = 0;
  // Ends what is in force, so that broker and way are as they were; no more begins. Waits for what
  // is being done: a server that comes back takes its time. All faults of the plan, in the order of
  // their schedule; the same when it is called again. By the thread that called start().
  virtual std::vector<ExecutedFault> stop() = 0;
};

}  // namespace spate
