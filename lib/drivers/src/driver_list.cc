#include "driver_list.h"

#include <algorithm>
#include <array>

// A driver that is not built leaves its name and its address behind, so that errors can say more
// than "unknown".
#ifdef SPATE_HAS_REDIS
#define SPATE_REDIS(function) function
#else
#define SPATE_REDIS(function) nullptr
#endif
#ifdef SPATE_HAS_NATS
#define SPATE_NATS(function) function
#else
#define SPATE_NATS(function) nullptr
#endif
#ifdef SPATE_HAS_RABBITMQ
#define SPATE_RABBITMQ(function) function
#else
#define SPATE_RABBITMQ(function) nullptr
#endif
#ifdef SPATE_HAS_KAFKA
#define SPATE_KAFKA(function) function
#else
#define SPATE_KAFKA(function) nullptr
#endif

namespace spate::drivers {
namespace {

using Names = std::string_view;

constexpr std::array<Names, 2> kRedisSchemes{"redis", "rediss"};
constexpr std::array<Names, 2> kNatsSchemes{"nats", "tls"};
constexpr std::array<Names, 3> kNatsSettings{"storage", "replicas", "ca"};
constexpr std::array<Names, 2> kRabbitmqSchemes{"amqp", "amqps"};
constexpr std::array<Names, 2> kRabbitmqSettings{"persistent", "queue"};
constexpr std::array<Names, 2> kKafkaSchemes{"kafka", "kafkas"};
constexpr std::array<Names, 3> kKafkaSettings{"acks", "idempotence", "replicas"};

constexpr std::array<Names, 3> kAppendOnly{"off", "everysec", "always"};
constexpr std::array<ServerSetting, 1> kRedisServer{{{"appendonly", kAppendOnly}}};
constexpr std::array<Names, 2> kStorage{"file", "memory"};
constexpr std::array<ServerSetting, 1> kNatsServer{{{"storage", kStorage}}};
constexpr std::array<Names, 2> kPersistent{"yes", "no"};
constexpr std::array<ServerSetting, 1> kRabbitmqServer{{{"persistent", kPersistent}}};

constexpr std::array<Driver, 4> kDrivers{{
    {.name = "redis",
     .variable = "SPATE_REDIS_URL",
     .address = {.flag = "--redis",
                 .example = "redis://[user:password@ or PASSWORD@]host[:6379][/database]",
                 .schemes = kRedisSchemes,
                 .port = 6379,
                 .paths = true,
                 .tokens = true},
     .package = "libhiredis-dev",
     .server = "redis-server",
     .server_settings = kRedisServer,
     .open = SPATE_REDIS(open_redis),
     .start = SPATE_REDIS(start_redis)},
    {.name = "nats",
     .variable = "SPATE_NATS_URL",
     .address = {.flag = "--nats",
                 .example = "nats://[user:password@ or TOKEN@]host[:4222]"
                            "[?storage=file|memory&replicas=N] or tls://… with ca=FILE",
                 .schemes = kNatsSchemes,
                 .port = 4222,
                 .several_hosts = true,
                 .tokens = true,
                 .settings = kNatsSettings},
     .package = "libnats-dev",
     .server = "nats-server",
     .server_settings = kNatsServer,
     .open = SPATE_NATS(open_nats),
     .start = SPATE_NATS(start_nats)},
    {.name = "rabbitmq",
     .variable = "SPATE_RABBITMQ_URL",
     .address = {.flag = "--rabbitmq",
                 .example = "amqp://[user:password@]host[:5672][/vhost]"
                            "[?persistent=yes|no&queue=classic|quorum] or amqps://host:5671…",
                 .schemes = kRabbitmqSchemes,
                 .port = 5672,
                 .paths = true,
                 .settings = kRabbitmqSettings},
     .package = "librabbitmq-dev",
     .server = "rabbitmq-server",
     .server_settings = kRabbitmqServer,
     .open = SPATE_RABBITMQ(open_rabbitmq),
     .start = SPATE_RABBITMQ(start_rabbitmq)},
    {.name = "kafka",
     .variable = "SPATE_KAFKA_URL",
     .address = {.flag = "--kafka",
                 .example = "[kafka://][user:password@]host[:9092][,host…]"
                            "[?acks=all|1|0&idempotence=yes|no&replicas=N] or kafkas://…",
                 .schemes = kKafkaSchemes,
                 .port = 9092,
                 .several_hosts = true,
                 .settings = kKafkaSettings},
     .package = "librdkafka-dev",
     .server = "",
     .server_settings = {},
     .open = SPATE_KAFKA(open_kafka),
     .start = SPATE_KAFKA(start_kafka)},
}};

}  // namespace

std::span<const Driver> all_drivers() { return kDrivers; }

const Driver& driver_named(std::string_view name) {
  return *std::find_if(kDrivers.begin(), kDrivers.end(),
                       [&](const Driver& driver) { return driver.name == name; });
}

}  // namespace spate::drivers
