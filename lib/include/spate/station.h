// The mock's capacity: k servers behind one queue, and inboxes that hand out in order.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <vector>

#include "spate/clock.h"
#include "spate/message.h"

namespace spate {

struct StationSettings {
  // So many messages are served at a time, for their drawn latency each; the others wait, first
  // come, first served, whatever their lane. 0: no limit, and nobody waits.
  std::uint32_t servers = 0;
  // An inbox hands out each lane in the order in which the messages came to the station: what is
  // through early waits for those before it.
  bool fifo = false;

  // Whether messages influence each other.
  bool shared() const { return servers > 0 || fifo; }
};

// Computes when each message is through, known as soon as it comes: a server takes the next message
// when it is free, so the message gets the server that is free first (Kiefer and Wolfowitz, "On the
// theory of queues with many servers", Transactions of the AMS 78, 1955). O(log servers) a message,
// no clock of its own. One thread.
class Station {
 public:
  static constexpr std::uint32_t kInboxes = 256;  // agent a has inbox a mod 256

  explicit Station(const StationSettings& settings)
      : free_from_ns_(settings.servers, kNotYet),
        last_out_ns_(settings.fifo ? kInboxes : 0, {kNotYet, kNotYet}) {}

  // When a message that comes at now_ns and takes a server for service_ns leaves it. now_ns never
  // falls from call to call.
  std::int64_t serve(std::int64_t now_ns, std::int64_t service_ns) {
    if (free_from_ns_.empty()) {
      return now_ns + service_ns;
    }
    std::pop_heap(free_from_ns_.begin(), free_from_ns_.end(), std::greater<>{});
    std::int64_t& server = free_from_ns_.back();
    const std::int64_t done_ns = std::max(now_ns, server) + service_ns;
    server = done_ns;
    std::push_heap(free_from_ns_.begin(), free_from_ns_.end(), std::greater<>{});
    return done_ns;
  }

  // When the inbox hands the message out that leaves its server at served_ns: 1 ns apart, so that
  // their times alone keep the order. Called in the order in which the messages came, and only for
  // those that are to be received.
  std::int64_t hand_out(std::int64_t served_ns, AgentId recipient, Lane lane) {
    if (last_out_ns_.empty()) {
      return served_ns;
    }
    std::int64_t& last_ns = last_out_ns_[recipient % kInboxes][static_cast<std::size_t>(lane)];
    last_ns = std::max(last_ns + 1, served_ns);
    return last_ns;
  }

 private:
  std::vector<std::int64_t> free_from_ns_;  // by server; a heap, the earliest in front
  std::vector<std::array<std::int64_t, kLanes>> last_out_ns_;  // by inbox
};

}  // namespace spate
