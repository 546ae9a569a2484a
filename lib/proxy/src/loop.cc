#include "loop.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>

#include "spate/clock.h"
#include "spate/error.h"

namespace spate::proxy {
namespace {

constexpr std::int64_t kSecondNs = 1'000'000'000;

Descriptor spare_descriptor() { return Descriptor(open("/dev/null", O_RDONLY | O_CLOEXEC)); }

}  // namespace

Loop::Loop(std::uint64_t seed)
    : seed_(seed),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      orders_event_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      timer_(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)),
      spare_(spare_descriptor()) {
  if (!epoll_ || !orders_event_ || !timer_ || !spare_) {
    throw Error(
        fmt::format("proxy: {}; it needs four descriptors (ulimit -n)", std::strerror(errno)));
  }
  if (!watch(orders_event_, EPOLLIN | EPOLLET, orders_watch_) ||
      !watch(timer_, EPOLLIN | EPOLLET, timer_watch_)) {
    throw Error(fmt::format("proxy: {}; raise fs.epoll.max_user_watches", std::strerror(errno)));
  }
}

bool Loop::watch(const Descriptor& socket, std::uint32_t events, Watch& watch) const {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &watch;
  return epoll_ctl(epoll_.number(), EPOLL_CTL_ADD, socket.number(), &event) == 0;
}

bool Loop::watch_side(const Side& side, Watch& one) const {
  return watch(side.socket, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, one);
}

void Loop::run() {
  while (!ending_) {
    arm_timer();
    wait_for_events();
    obey();
    wake_due();
    accept_all();
    serve_queued();
  }
  listeners_.clear();
  reset_where([](const Connection&) { return true; });
}

void Loop::order(const std::function<void()>& act) {
  Order mine{&act};
  std::unique_lock lock(mutex_);
  orders_.push_back(&mine);
  const std::uint64_t one = 1;
  (void)!write(orders_event_.number(), &one, sizeof one);
  done_.wait(lock, [&] { return mine.done; });
}

void Loop::obey() {
  const std::lock_guard lock(mutex_);
  for (Order* const order : orders_) {
    (*order->act)();
    order->done = true;
  }
  if (!orders_.empty()) {
    orders_.clear();
    done_.notify_all();
  }
}

ProxyCounts Loop::counts() const {
  ProxyCounts counts = counts_;
  counts.open = connections_.size();
  return counts;
}

void Loop::wait_for_events() {
  std::array<epoll_event, 256> events;
  const bool now = !queue_.empty() || accepts();
  const int count = epoll_wait(epoll_.number(), events.data(), std::ssize(events), now ? 0 : -1);
  for (int at = 0; at < count; ++at) {
    note(events[static_cast<std::size_t>(at)]);
  }
}

// Whatever it is, it is told once: so it is noted here, and done when the way allows it.
void Loop::note(const epoll_event& event) {
  const auto& watch = *static_cast<const Watch*>(event.data.ptr);
  if (watch.what == Watch::What::listener) {
    static_cast<Listener*>(watch.owner)->acceptable = true;
    return;
  }
  if (watch.what != Watch::What::client && watch.what != Watch::What::server) {
    return;  // orders are looked for each time, and the timer has done its work by waking us
  }
  auto& connection = *static_cast<Connection*>(watch.owner);
  Side& side = watch.what == Watch::What::client ? connection.client() : connection.server();
  const auto told = [&](std::uint32_t events) { return (event.events & events) != 0; };
  side.ends = side.ends || told(EPOLLRDHUP | EPOLLHUP | EPOLLERR);
  side.readable = side.readable || side.ends || told(EPOLLIN);
  side.writable = side.writable || told(EPOLLOUT);
  side.broken = side.broken || told(EPOLLERR);
  enqueue(connection);
}

void Loop::wake_due() {
  const std::int64_t now_ns = wakes_.empty() ? 0 : SteadyClock().now_ns();
  while (!wakes_.empty() && wakes_.begin()->first <= now_ns) {
    Connection& connection = *wakes_.begin()->second;
    wake_at(connection, kNever);
    enqueue(connection);
  }
}

void Loop::arm_timer() {
  const std::int64_t next_ns = wakes_.empty() ? kNever : wakes_.begin()->first;
  if (next_ns != armed_ns_ && next_ns != kNever) {  // one that is too early does no harm
    itimerspec spec{};
    spec.it_value.tv_sec = next_ns / kSecondNs;
    spec.it_value.tv_nsec = next_ns % kSecondNs;
    timerfd_settime(timer_.number(), TFD_TIMER_ABSTIME, &spec, nullptr);
    armed_ns_ = next_ns;
  }
}

void Loop::wake_at(Connection& connection, std::int64_t at_ns) {
  if (connection.wake_ns == at_ns) {
    return;
  }
  if (connection.wake_ns != kNever) {
    wakes_.erase({connection.wake_ns, &connection});
  }
  if (at_ns != kNever) {
    wakes_.emplace(at_ns, &connection);
  }
  connection.wake_ns = at_ns;
}

void Loop::enqueue(Connection& connection) {
  if (!connection.queued) {
    connection.queued = true;
    queue_.push_back(&connection);
  }
}

void Loop::enqueue_all() {
  for (const auto& [connection, owned] : connections_) {
    enqueue(*connection);
  }
}

// In a black hole nobody has a turn; what was noted meanwhile waits in the sides.
void Loop::serve_queued() {
  for (const std::vector<Connection*> now = std::exchange(queue_, {}); Connection * one : now) {
    one->queued = false;
    if (!faults_.conditions().blackhole) {
      serve(*one);
    }
  }
}

void Loop::serve(Connection& connection) {
  const Connection::Result result = connection.turn({faults_.conditions(), scratch_});
  counts_.to_server += result.to_server;
  counts_.to_client += result.to_client;
  switch (result.state) {
    case Connection::State::goes_on:
      wake_at(connection, result.wake_ns);
      if (result.again) {
        enqueue(connection);
      }
      return;
    case Connection::State::unreached:
      lead_on(connection);
      return;
    case Connection::State::ended:
      connection.close();
      break;
    case Connection::State::broken:
      connection.reset();
      break;
  }
  forget(connection);
}

void Loop::forget(Connection& connection) {
  wake_at(connection, kNever);
  connections_.erase(&connection);
}

// A connection that came back to us would be led on to us again, until nothing is left.
std::string Loop::listen(Descriptor listener, std::uint16_t port, Route route) {
  auto one = std::make_unique<Listener>();
  one->socket = std::move(listener);
  one->port = port;
  one->route = std::make_shared<const Route>(std::move(route));
  const auto meets = [&](const auto& other) {
    return leads_to_loopback(*one->route, other->port) || leads_to_loopback(*other->route, port);
  };
  if (leads_to_loopback(*one->route, port) ||
      std::any_of(listeners_.begin(), listeners_.end(), meets)) {
    return "that leads from the proxy to itself; give a server at a port where it does not listen";
  }
  if (!watch(one->socket, EPOLLIN | EPOLLET, one->watch)) {
    return fmt::format("{}; raise fs.epoll.max_user_watches", std::strerror(errno));
  }
  listeners_.push_back(std::move(one));
  return {};
}

// Whoever connects to a black hole waits in the kernel.
bool Loop::accepts() const {
  return !faults_.conditions().blackhole &&
         std::any_of(listeners_.begin(), listeners_.end(),
                     [](const auto& listener) { return listener->acceptable; });
}

void Loop::accept_all() {
  constexpr int kAtOnce = 64;  // those who are connected are to have their turn too
  if (!faults_.conditions().blackhole) {
    for (const auto& listener : listeners_) {
      accept_those_at(*listener, kAtOnce);
    }
  }
}

void Loop::accept_those_at(Listener& listener, int most) {
  for (int left = most; left > 0 && listener.acceptable; --left) {
    Descriptor client = accept_at(listener);
    if (client) {
      take_on(std::move(client), listener);
    }
  }
}

// None: nobody waits any more, or the one who did has gone or was refused.
Descriptor Loop::accept_at(Listener& listener) {
  Descriptor client = accept_from(listener.socket);
  if (!client && errno == EMFILE && raise_descriptor_limit()) {
    client = accept_from(listener.socket);
  }
  if (!client && (errno == EMFILE || errno == ENFILE)) {
    refuse_one_at(listener);
  } else if (!client && errno != EINTR && errno != ECONNABORTED) {
    listener.acceptable = false;
  }
  return client;
}

// There are no more descriptors: a client is told so with a reset, rather than left to wait for a
// time that may not come.
void Loop::refuse_one_at(Listener& listener) {
  spare_.close();
  Descriptor client = accept_from(listener.socket);
  if (client) {
    ++counts_.refused;
  }
  listener.acceptable = static_cast<bool>(client);
  client.reset();
  spare_ = spare_descriptor();
}

// It is led on in its turn: in a black hole that is when the hole has ended.
void Loop::take_on(Descriptor client, const Listener& listener) {
  auto owned =
      std::make_unique<Connection>(std::move(client), listener.route, seed_, counts_.accepted++);
  Connection& connection = *owned;
  connections_.emplace(&connection, std::move(owned));
  if (watch_side(connection.client(), connection.client_watch())) {
    enqueue(connection);
  } else {
    refuse(connection);
  }
}

void Loop::lead_on(Connection& connection) {
  if (!connection.connect_next() || !watch_side(connection.server(), connection.server_watch())) {
    refuse(connection);
  }
}

void Loop::refuse(Connection& connection) {
  ++counts_.refused;
  connection.reset();
  forget(connection);
}

void Loop::begin(const Fault& fault) {
  if (fault.kind == Fault::Kind::reset_connections) {
    reset_connections();
  } else if (fault.kind == Fault::Kind::half_close) {
    half_close();
  } else {
    faults_.begin(fault);
    enqueue_all();
  }
}

void Loop::end(const Fault& fault) {
  faults_.end(fault);
  const Conditions& conditions = faults_.conditions();
  if (!conditions.drop_acks && !conditions.blackhole) {  // in a black hole nobody is told
    reset_where([](const Connection& one) { return one.lost_bytes(); });
  }
  enqueue_all();
}

// Those whom only the kernel has let in are connected too, as they see it. Whether anybody has told
// us of them yet does not matter; who comes meanwhile is too late.
void Loop::accept_all_that_wait() {
  for (const auto& listener : listeners_) {
    listener->acceptable = true;
    accept_those_at(*listener, kMayWait + 1);
  }
}

void Loop::reset_connections() {
  accept_all_that_wait();
  reset_where([](const Connection&) { return true; });
}

void Loop::half_close() {
  accept_all_that_wait();
  for (const auto& [connection, owned] : connections_) {
    connection->half_close(faults_.conditions());
    connection->server().readable = true;  // what the client is owed may not have been told yet
    enqueue(*connection);
  }
}

void Loop::reset_where(bool (*which)(const Connection&)) {
  std::vector<Connection*> those;
  for (const auto& [connection, owned] : connections_) {
    if (which(*connection)) {
      those.push_back(connection);
    }
  }
  std::erase_if(queue_, [&](const Connection* one) { return which(*one); });
  for (Connection* const one : those) {
    one->reset();
    forget(*one);
  }
}

}  // namespace spate::proxy
