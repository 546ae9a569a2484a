// The faults that are in force, and what they come to for a connection.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "spate/fault_plan.h"
#include "spate/random.h"

namespace spate::proxy {

struct Conditions {
  std::int64_t add_ns = 0;               // of all latencies
  std::vector<std::int64_t> jitters_ns;  // of each latency that has one
  std::uint64_t bytes_per_second = 0;    // the narrowest; 0: as fast as it goes
  bool blackhole = false;
  bool slice = false;
  bool drop_acks = false;

  bool late() const { return add_ns > 0 || !jitters_ns.empty(); }
  // What is read may be written at once, as it is.
  bool free() const { return !late() && bytes_per_second == 0 && !slice; }

  // So much later arrives what is read now; `draws` decides the jitter.
  std::int64_t delay_ns(const MessageDraws& draws) const;

  // So much is read at a time. With a bandwidth 20 ms worth: what is read beyond what may be
  // written only takes memory, and is in the server's or client's buffer as well kept.
  std::size_t read_bytes() const;
  // While less than this is held, more is read: as much as can be under way at 1 Gbit/s or what the
  // bandwidth is, so that a delay does not become a bandwidth; and no more than 4 MiB, which is
  // what Linux lets a connection have under way (net.ipv4.tcp_wmem). Without a delay it is 1: what
  // the one side does not take is not read from the other.
  std::size_t held_bytes() const;

  bool operator==(const Conditions&) const = default;
};

// No connection and direction of it holds more, whatever is in force: what held_bytes() is at most,
// and one read.
inline constexpr std::size_t kReadBytes = std::size_t{1} << 16;
inline constexpr std::size_t kUnderWayBytes = std::size_t{1} << 22;

// One thread.
class FaultsInForce {
 public:
  // Both: what is over at once changes nothing.
  void begin(const Fault& fault);
  void end(const Fault& fault);  // of several that are the same, one
  const Conditions& conditions() const { return conditions_; }

 private:
  void add_up();

  std::vector<Fault> faults_;
  Conditions conditions_;
};

}  // namespace spate::proxy
