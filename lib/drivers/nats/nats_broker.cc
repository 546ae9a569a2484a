// Opens a NATS server: looks whether it can be used, and what it says of itself.
#include <fmt/format.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "driver_list.h"
#include "greeting.h"
#include "nats_delivery.h"
#include "session.h"
#include "spate/error.h"

namespace spate::drivers {
namespace {

using namespace nats;

constexpr std::array<std::string_view, 2> kStorages{"file", "memory"};
constexpr std::int64_t kMostReplicas = 5;

class NatsBroker final : public Broker {
 public:
  NatsBroker(Address address, std::int64_t timeout_ns)
      : address_(std::move(address)),
        timeout_ns_(timeout_ns),
        storage_{choice(address_, "storage", kStorages) == "file",
                 count(address_, "replicas", 1, 1, kMostReplicas)} {
    const Greeting greeting(address_, timeout_ns_);
    check_tls(greeting);
    Session session(address_, {timeout_ns_});
    session.check_jetstream();
    session.check_permissions();
    description_ =
        fmt::format("nats-server {}, storage {}, replicas {}{}", greeting.value("version"),
                    storage_.file ? "file" : "memory", storage_.replicas,
                    storage_.file ? ", fsync as the server is set, 2 min by default" : "");
  }

  std::string description() const override { return description_; }
  AnyDelivery make_delivery(const DeliveryPlan& plan) override {
    return AnyDelivery(
        std::make_unique<NatsDelivery>(address_, timeout_ns_, storage_, plan, troubles()));
  }

 private:
  // The library would take TLS where the server wants it, and say little where it has none.
  void check_tls(const Greeting& greeting) const {
    const bool required = greeting.value("tls_required") == "true";
    if (required && !has_tls(address_)) {
      throw Error(fmt::format("nats: the server at {} wants TLS; give tls:// in place of nats://",
                              address_.shown()));
    }
    if (has_tls(address_) && !required && greeting.value("tls_available") != "true") {
      throw Error(
          fmt::format("nats: the server at {} is without TLS; give nats:// in place of tls://",
                      address_.shown()));
    }
  }

  Address address_;
  std::int64_t timeout_ns_;
  Storage storage_;
  std::string description_;
};

}  // namespace

std::unique_ptr<Broker> open_nats(const BrokerOptions& options) {
  if (options.address.settings.contains("ca") && !has_tls(options.address)) {
    throw Error("nats: ca= is for TLS; give tls:// in place of nats://, or leave it out");
  }
  return std::make_unique<NatsBroker>(by_detour(options), options.timeout_ns);
}

}  // namespace spate::drivers
