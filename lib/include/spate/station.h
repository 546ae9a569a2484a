// The mock's capacity: k servers behind one queue, and inboxes that hand out in order.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
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

// The servers of a station, by when each is free: a tree of losers (Knuth, "The Art of Computer
// Programming", volume 3, section 5.4.1). The path from a server to the root is known before any
// comparison, which a heap's is not, so nothing waits for a mispredicted branch. One thread.
class ServerTournament {
 public:
  // All are free from ever. Precondition: servers > 0.
  explicit ServerTournament(std::uint32_t servers)
      : servers_(servers), losers_(servers), free_from_ns_(servers, kNotYet) {
    std::vector<std::uint32_t> winners(2 * std::size_t{servers});  // by node; the leaves come last
    for (std::uint32_t server = 0; server < servers; ++server) {
      winners[servers + server] = server;
    }
    for (std::size_t node = servers - 1; node > 0; --node) {
      winners[node] = winners[2 * node];
      losers_[node] = winners[2 * node + 1];
    }
    first_ = winners[1];
  }

  std::int64_t first_free_ns() const { return first_free_ns_; }

  // The server that is free first is taken until then.
  void take_first(std::int64_t until_ns) {
    std::uint32_t winner = first_;
    std::int64_t winner_ns = until_ns;
    for (std::size_t node = (servers_ + first_) / 2; node > 0; node /= 2) {
      // Exchanged by a mask: a branch would be mispredicted every other time.
      const std::uint64_t mask = free_from_ns_[node] < winner_ns ? ~std::uint64_t{0} : 0;
      const std::uint64_t time = static_cast<std::uint64_t>(free_from_ns_[node] ^ winner_ns) & mask;
      const std::uint32_t server = (losers_[node] ^ winner) & static_cast<std::uint32_t>(mask);
      free_from_ns_[node] ^= static_cast<std::int64_t>(time);
      winner_ns ^= static_cast<std::int64_t>(time);
      losers_[node] ^= server;
      winner ^= server;
    }
    first_ = winner;
    first_free_ns_ = winner_ns;
  }

 private:
  std::size_t servers_;
  // By inner node, from the root, which is 1: the server that lost there, and when it is free.
  std::vector<std::uint32_t> losers_;
  std::vector<std::int64_t> free_from_ns_;
  std::uint32_t first_ = 0;
  std::int64_t first_free_ns_ = kNotYet;
};

// No message is through later than this: nothing added to such a time overflows.
inline constexpr std::int64_t kEndOfTimeNs = std::int64_t{1} << 62;  // 146 years

// Computes when each message is through, known as soon as it comes: a server takes the next message
// when it is free, so the message gets the server that is free first (Kiefer and Wolfowitz, "On the
// theory of queues with many servers", Transactions of the AMS 78, 1955). O(log servers) a message,
// no clock of its own. One thread.
class Station {
 public:
  explicit Station(const StationSettings& settings)
      : servers_(settings.servers > 0 ? std::optional<ServerTournament>(settings.servers)
                                      : std::nullopt),
        last_out_ns_(settings.fifo ? kMaxInboxes : 0, {kNotYet, kNotYet}) {}

  // When a message that comes at now_ns and takes a server for service_ns leaves it. now_ns never
  // falls from call to call.
  std::int64_t serve(std::int64_t now_ns, std::int64_t service_ns) {
    if (!servers_) {
      return now_ns + service_ns;
    }
    const std::int64_t done_ns =
        std::min(std::max(now_ns, servers_->first_free_ns()) + service_ns, kEndOfTimeNs);
    servers_->take_first(done_ns);
    return done_ns;
  }

  // When the inbox hands the message out that leaves its server at served_ns: 1 ns apart, so that
  // their times alone keep the order. Called in the order in which the messages came, and only for
  // those that are to be received.
  std::int64_t hand_out(std::int64_t served_ns, AgentId recipient, Lane lane) {
    if (last_out_ns_.empty()) {
      return served_ns;
    }
    std::int64_t& last_ns = last_out_ns_[recipient % kMaxInboxes][static_cast<std::size_t>(lane)];
    last_ns = std::max(last_ns + 1, served_ns);
    return last_ns;
  }

 private:
  std::optional<ServerTournament> servers_;
  std::vector<std::array<std::int64_t, kLanes>> last_out_ns_;  // by inbox
};

}  // namespace spate
