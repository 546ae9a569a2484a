// A connection for the run, which comes back when it is lost.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "spate/clock.h"
#include "spate/drivers/backoff.h"
#include "spate/drivers/troubles.h"
#include "wire.h"

namespace spate::drivers::nats {

// Makes a connection, and what there has to be at the server for it. Throws Error. It is called
// where it may block.
using Connect = std::function<std::unique_ptr<Wire>(const Attempt& attempt)>;

// How a connection is made, and how long is waited before.
struct Renewal {
  Connect connect;
  Backoff backoff;
};

// Since when a connection has been away, and how long it may be.
struct Outage {
  std::int64_t began_ns;
  std::int64_t timeout_ns;
};

// Tries again and again, in a thread of its own, since the library connects in one blocking call.
class Revival {
 public:
  // That thread alone uses the renewal meanwhile.
  Revival(Renewal& renewal, const Outage& outage);
  // Waits for an attempt that is under way: for its answers, each of which a timeout bounds, as far
  // as connect() says.
  ~Revival();
  Revival(const Revival&) = delete;
  Revival& operator=(const Revival&) = delete;

  // The connection, once there is one; null before.
  std::unique_ptr<Wire> take();
  // No further attempts.
  void stop();
  // Why the last attempt failed.
  std::string reason();

 private:
  void run() noexcept;

  Renewal& renewal_;
  Outage outage_;
  SteadyClock clock_;
  std::unique_ptr<Wire> wire_;  // the thread's, until done_
  std::atomic<bool> done_{false};
  std::mutex mutex_;
  std::condition_variable stopping_;
  bool stop_ = false;
  std::string reason_ = "it has not answered yet";
  std::thread thread_;
};

// Never blocks. One thread, but for that of the revival.
class Link {
 public:
  // Connects. `purpose`: for lines. Throws Error.
  Link(Renewal renewal, std::int64_t timeout_ns, std::string purpose, Troubles& troubles);

  // Whether it may be used: neither while the connection is being made anew, nor ever after that
  // took too long, which is given_up().
  bool up() const { return wire_ != nullptr && !wire_->lost(); }
  bool given_up() const { return given_up_; }
  // Precondition: up(), or has been since the last tend().
  Wire& wire() { return *wire_; }

  // What has to be done at the beginning of every round: reading what has come, and making a lost
  // connection anew. True when the connection was lost since the last call.
  bool tend(std::int64_t now_ns) noexcept;
  // And at its end, when what has come was taken: if the connection turns out to be lost, that goes
  // with it.
  void write() noexcept;
  // For one that is of no use any more.
  void lose(const std::string& why) noexcept;
  // A line that names this link.
  void say(const std::string& what) noexcept;

 private:
  void come_back(std::int64_t now_ns) noexcept;
  void give_up() noexcept;

  std::unique_ptr<Renewal> renewal_;  // a place that moving does not change
  std::int64_t timeout_ns_;
  std::string purpose_;
  Troubles* troubles_;
  SteadyClock clock_;
  std::unique_ptr<Wire> wire_;
  std::unique_ptr<Revival> revival_;
  std::int64_t outage_began_ns_ = 0;
  bool was_lost_ = false;
  bool given_up_ = false;
};

}  // namespace spate::drivers::nats
