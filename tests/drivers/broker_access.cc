#include "broker_access.h"

#include "support/tcp_proxy.h"

#ifdef SPATE_HAS_NATS
#include "nats_access.h"
#endif
#ifdef SPATE_HAS_RABBITMQ
#include "rabbitmq_access.h"
#endif
#ifdef SPATE_HAS_KAFKA
#include "kafka_access.h"
#endif
#ifdef SPATE_HAS_REDIS
#include "redis_access.h"
#endif

namespace spate::testing_support {
namespace {

class ProxyWay final : public Way {
 public:
  explicit ProxyWay(const drivers::Address& address)
      : address_(address), proxy_(address.first().port) {
    address_.endpoints = {{"127.0.0.1", proxy_.port()}};
  }

  drivers::Address address() const override { return address_; }
  void cut() override { proxy_.cut(); }
  void refuse(bool refuses) override { proxy_.refuse(refuses); }

 private:
  drivers::Address address_;
  TcpProxy proxy_;
};

}  // namespace

std::unique_ptr<Way> way_through_proxy(const drivers::Address& address) {
  return std::make_unique<ProxyWay>(address);
}

std::span<const BrokerAccess> all_accesses() {
  static const std::vector<BrokerAccess> all{
#ifdef SPATE_HAS_REDIS
      redis_access(),
#endif
#ifdef SPATE_HAS_NATS
      nats_access(),
#endif
#ifdef SPATE_HAS_RABBITMQ
      rabbitmq_access(),
#endif
#ifdef SPATE_HAS_KAFKA
      kafka_access(),
#endif
  };
  return all;
}

std::vector<BrokerAccess> accesses_of(std::string_view driver) {
  std::vector<BrokerAccess> chosen;
  for (const BrokerAccess& access : all_accesses()) {
    if (access.driver == driver) {
      chosen.push_back(access);
    }
  }
  return chosen;
}

}  // namespace spate::testing_support
