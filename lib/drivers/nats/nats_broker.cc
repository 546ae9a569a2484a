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
    if (greeting.value("tls_required") == "true") {
      throw Error(fmt::format(
          "nats: the server at {} wants TLS, which this driver does not have; give the address of "
          "a tunnel",
          address_.shown()));
    }
    Session session(address_, timeout_ns_);
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
  Address address_;
  std::int64_t timeout_ns_;
  Storage storage_;
  std::string description_;
};

}  // namespace

std::unique_ptr<Broker> open_nats(const BrokerOptions& options) {
  if (options.address.scheme == "tls") {
    throw Error(
        "--nats: tls:// is TLS, which this driver does not have; give nats://, or a tunnel's "
        "address");
  }
  return std::make_unique<NatsBroker>(options.address, options.timeout_ns);
}

}  // namespace spate::drivers
