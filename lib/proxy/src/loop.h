// One thread's work: every listener and connection, by epoll.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "conditions.h"
#include "connection.h"
#include "sockets.h"
#include "spate/proxy/proxy.h"

namespace spate::proxy {

// run() is one thread's, order() is any thread's, also of several at once. The rest happens in
// orders only.
//
// Progress: order() waits for a turn of the loop, each of which is bounded.
class Loop {
 public:
  explicit Loop(std::uint64_t seed);  // throws Error

  // Until an order has said end(); then everybody is reset.
  void run();
  // Returns when the loop's thread has done `act`, which must not throw.
  void order(const std::function<void()>& act);
  ProxyCounts counts() const;  // of all that anybody has seen

  // `listener` is of listen_on_loopback(), at that port. Why it cannot be; empty: it is done.
  std::string listen(Descriptor listener, std::uint16_t port, Route route);
  void begin(const Fault& fault);
  void end(const Fault& fault);
  void end() { ending_ = true; }

 private:
  struct Listener {
    Descriptor socket;
    std::uint16_t port;
    std::shared_ptr<const Route> route;
    bool acceptable = true;  // somebody may wait
    Watch watch{Watch::What::listener, this};
  };

  // False, with errno: the kernel has no room for it.
  [[nodiscard]] bool watch(const Descriptor& socket, std::uint32_t events, Watch& watch) const;
  bool watch_side(const Side& side, Watch& watch) const;
  void wait_for_events();
  void note(const epoll_event& event);
  void obey();
  void wake_due();
  void arm_timer();

  bool accepts() const;
  void accept_all();
  void accept_those_at(Listener& listener, int most);
  Descriptor accept_at(Listener& listener);
  void refuse_one_at(Listener& listener);
  void take_on(Descriptor client, const Listener& listener);
  void lead_on(Connection& connection);
  void refuse(Connection& connection);

  void serve_queued();
  void serve(Connection& connection);
  void enqueue(Connection& connection);
  void enqueue_all();
  void wake_at(Connection& connection, std::int64_t at_ns);
  void forget(Connection& connection);  // precondition: not queued

  void accept_all_that_wait();
  void reset_connections();
  void half_close();
  void reset_where(bool (*which)(const Connection&));

  // Memory that all share; written and read within one call.
  std::array<char, kReadBytes> scratch_;
  std::uint64_t seed_;
  Descriptor epoll_;
  Descriptor orders_event_;
  Descriptor timer_;
  Descriptor spare_;  // given up to refuse somebody when there are no descriptors left
  Watch orders_watch_{Watch::What::orders};
  Watch timer_watch_{Watch::What::timer};
  bool ending_ = false;

  FaultsInForce faults_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::unordered_map<Connection*, std::unique_ptr<Connection>> connections_;
  std::vector<Connection*> queue_;  // those that have a turn next
  std::set<std::pair<std::int64_t, Connection*>> wakes_;
  std::int64_t armed_ns_ = kNever;
  ProxyCounts counts_;  // but for those that are open

  struct Order {
    const std::function<void()>* act;
    bool done = false;
  };
  std::mutex mutex_;
  std::condition_variable done_;
  std::deque<Order*> orders_;  // guarded by mutex_
};

}  // namespace spate::proxy
