// A program of one's own, tested against the mock: does its courier try again, and give up in time?
#include <cstdio>
#include <string_view>

#include "spate/messaging_core.h"

namespace {

// The program. `Messaging` is the real thing in production, the mock here.
template <class Messaging>
class Courier {
 public:
  Courier(Messaging& messaging, spate::AgentId self) : messaging_(messaging), self_(self) {}

  bool deliver(spate::AgentId to, std::string_view content) {
    for (int attempt = 0; attempt < 3; ++attempt) {
      if (messaging_.send_message(self_, to, content).outcome == spate::Outcome::acked) {
        return true;
      }
    }
    return false;
  }

 private:
  Messaging& messaging_;
  spate::AgentId self_;
};

}  // namespace

int main() {
  constexpr std::uint64_t kParcels = 1000;
  spate::MockMessagingCore core({.agents = 2,
                                 .seed = 7,  // the same receipts in every run
                                 .mock = {.success = spate::Probability(0.7)},
                                 .chaos = spate::ChaosProfile::on(),
                                 .sleep = false});  // and nobody waits for them
  Courier courier(core, 0);
  std::uint64_t delivered = 0;
  for (std::uint64_t parcel = 0; parcel < kParcels; ++parcel) {
    delivered += courier.deliver(1, "a parcel") ? 1U : 0U;
  }

  const spate::CoreStatistics seen = core.statistics();
  std::printf(
      "%llu of %llu parcels delivered in %llu attempts; success rate %.1f %%, mean %.2f ms\n",
      static_cast<unsigned long long>(delivered), static_cast<unsigned long long>(kParcels),
      static_cast<unsigned long long>(seen.total()), 100 * seen.success_rate(),
      seen.successful_ns_mean() / 1e6);
  // Three attempts of 0.99 * 0.7 each fail together with probability 0.029.
  const bool right =
      delivered == seen.successful && delivered > 950 && seen.total() <= 3 * kParcels;
  return right ? 0 : 1;
}
