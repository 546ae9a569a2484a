#include "conformance/trial.h"

#include <fmt/format.h>

namespace spate::bench {

void tell_too_much(const Trial& trial, const CallCounts& counts, std::string_view where) {
  const auto say = [&](const std::atomic<std::uint64_t>& times, const char* what) {
    if (times > 0) {
      trial.found(Clause::counts, fmt::format("{}: {} times {}", where, times.load(), what));
    }
  };
  say(counts.oversent, "try_send took more messages than it was offered");
  say(counts.overpolled, "poll wrote more settlements than there were places");
  say(counts.overreceived, "try_receive wrote more messages than there were places");
}

}  // namespace spate::bench
