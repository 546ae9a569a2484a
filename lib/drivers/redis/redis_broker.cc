// Opens a Redis server: looks whether it can be used, and what it says of itself.
#include <fmt/format.h>

#include <memory>
#include <string>
#include <string_view>

#include "driver_list.h"
#include "link.h"
#include "redis_delivery.h"
#include "spate/error.h"

namespace spate::drivers {
namespace {

using namespace redis;

constexpr std::string_view kUnknown = "unknown";

// The value of a line "name:value" of INFO.
std::string_view info_value(std::string_view info, std::string_view name) {
  const std::string key = fmt::format("\n{}:", name);
  const std::size_t at = info.find(key);
  if (at == std::string_view::npos) {
    return kUnknown;
  }
  const std::string_view behind = info.substr(at + key.size());
  return behind.substr(0, behind.find_first_of("\r\n"));
}

// What a server keeps for itself it does not say: CONFIG is often forbidden.
std::string config_value(Session& session, std::string_view name) {
  const Reply reply = session.command("CONFIG", "GET", name);
  if (reply->type != REDIS_REPLY_ARRAY || reply->elements < 2) {
    return std::string(kUnknown);
  }
  return std::string(text_of(*reply->element[1]));
}

std::string durability(Session& session, std::string_view info) {
  if (info_value(info, "aof_enabled") == "0") {
    return "appendonly no";
  }
  return fmt::format("appendonly yes, appendfsync {}", config_value(session, "appendfsync"));
}

class RedisBroker final : public Broker {
 public:
  RedisBroker(Address address, std::int64_t timeout_ns)
      : address_(std::move(address)), timeout_ns_(timeout_ns) {
    Session session(address_, timeout_ns_);
    const Reply reply = session.command("INFO");
    const std::string_view info = reply->type == REDIS_REPLY_STRING ? text_of(*reply) : "";
    description_ =
        fmt::format("redis {}, {}", info_value(info, "redis_version"), durability(session, info));
  }

  std::string description() const override { return description_; }
  AnyDelivery make_delivery(const DeliveryPlan& plan) override {
    return AnyDelivery(std::make_unique<RedisDelivery>(address_, timeout_ns_, plan, troubles()));
  }

 private:
  Address address_;
  std::int64_t timeout_ns_;
  std::string description_;
};

}  // namespace

std::unique_ptr<Broker> open_redis(const BrokerOptions& options) {
  if (options.address.scheme == "rediss") {
    throw Error(
        "--redis: rediss:// needs TLS, which this build's hiredis does not have; give "
        "redis://, or a tunnel's address");
  }
  return std::make_unique<RedisBroker>(by_detour(options), options.timeout_ns);
}

}  // namespace spate::drivers
