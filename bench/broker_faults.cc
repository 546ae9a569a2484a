#include "broker_faults.h"

#include <atomic>
#include <memory>
#include <utility>

#include "spate/proxy/proxy_target.h"

namespace spate::bench {
namespace {

class Process final : public FaultTarget {
 public:
  Process(drivers::LocalBroker* server, std::int64_t timeout_ns)
      : server_(server), timeout_ns_(timeout_ns) {}

  void begin(const Fault& fault) override {
    switch (fault.kind) {
      case Fault::Kind::kill_broker:
        server_->kill();
        break;
      case Fault::Kind::pause_broker:
        server_->pause();
        break;
      default:  // restart_broker
        server_->end(timeout_ns_);
        break;
    }
  }
  void end(const Fault& fault) override {
    if (fault.kind == Fault::Kind::pause_broker) {
      server_->resume();
    } else {
      server_->start_again(timeout_ns_);
    }
  }

 private:
  drivers::LocalBroker* server_;
  std::int64_t timeout_ns_;
};

class Load final : public FaultTarget {
 public:
  void begin(const Fault& /*fault*/) override { set(in_force_ + 1); }
  void end(const Fault& /*fault*/) override { set(in_force_ - 1); }

  const std::atomic<bool>& receivers_stand() const { return receivers_stand_; }

 private:
  void set(int in_force) {
    in_force_ = in_force;
    receivers_stand_.store(in_force > 0, std::memory_order_relaxed);  // it guards no other memory
  }

  int in_force_ = 0;  // several may overlap
  std::atomic<bool> receivers_stand_{false};
};

// Adds to what was executed when the driver noticed.
class BrokerFaults final : public FaultInjector {
 public:
  BrokerFaults(const std::vector<Fault>& schedule, const StruckBroker& broker)
      : process_(broker.server, broker.start_timeout_ns),
        troubles_(*broker.troubles),
        way_(broker.detour == nullptr
                 ? nullptr
                 : std::make_unique<proxy::ProxyTarget>(broker.detour->proxy())),
        director_(schedule, {.way = way_.get(), .process = &process_, .load = &load_},
                  broker.listener) {}

  const std::atomic<bool>* receivers_stand() const override { return &load_.receivers_stand(); }

  void start(std::int64_t start_ns) override {
    start_ns_ = start_ns;
    director_.start(start_ns);
  }
  std::vector<ExecutedFault> stop() override {
    std::vector<ExecutedFault> all = director_.stop();
    for (ExecutedFault& fault : all) {
      if (fault.begun_ns >= 0) {
        const std::int64_t said_ns = troubles_.first_said_since(start_ns_ + fault.begun_ns);
        fault.noticed_ns = said_ns == kNever ? -1 : said_ns - start_ns_;
      }
    }
    return all;
  }

 private:
  Process process_;
  Load load_;
  drivers::Troubles& troubles_;
  std::unique_ptr<proxy::ProxyTarget> way_;  // null: there is no proxy on it
  std::int64_t start_ns_ = 0;
  FaultDirector director_;
};

}  // namespace

drivers::Endpoint Detour::around(const drivers::Endpoint& server) {
  const std::lock_guard lock(mutex_);
  drivers::Endpoint& way = ways_[server.text()];
  if (way.port == 0) {
    way = {"127.0.0.1", proxy_.lead_to({server.host, server.port})};
  }
  return way;
}

std::unique_ptr<FaultInjector> make_injector(const std::vector<Fault>& schedule,
                                             const StruckBroker& broker) {
  return std::make_unique<BrokerFaults>(schedule, broker);
}

}  // namespace spate::bench
