#include "stand_in.h"

#include <fmt/format.h>

#include <array>
#include <atomic>
#include <chrono>
#include <future>
#include <mutex>
#include <system_error>
#include <utility>

#include "driver_list.h"
#include "spate/error.h"

namespace spate::drivers {
namespace kafka {
namespace {

constexpr int kBrokers = 1;

struct Registry {
  std::mutex mutex;
  std::vector<std::weak_ptr<StandIn>> all;
};

Registry& registry() {
  static Registry registry;
  return registry;
}

void drop_log(const rd_kafka_t* /*client*/, int /*level*/, const char* /*facility*/,
              const char* /*line*/) {}

std::atomic<bool> endings_are_over{false};

// Ending takes up to a second, since the mock's thread does not hear that it is to end: nobody
// waits for that but the end of this process.
class Endings {
 public:
  Endings() = default;
  Endings(const Endings&) = delete;
  Endings& operator=(const Endings&) = delete;
  ~Endings() { endings_are_over = true; }

  static void end(const StandIn* stand_in) {
    if (endings_are_over) {  // by a static object that has outlived this one
      delete stand_in;
      return;
    }
    static Endings endings;
    endings.begin(stand_in);
  }

 private:
  void begin(const StandIn* stand_in) {
    const std::lock_guard lock(mutex_);
    std::erase_if(under_way_, [](const std::future<void>& ending) {
      return ending.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
    });
    try {
      under_way_.push_back(std::async(std::launch::async, [stand_in] { delete stand_in; }));
    } catch (const std::system_error&) {  // no thread is to be had
      delete stand_in;
    }
  }

  std::mutex mutex_;
  std::vector<std::future<void>> under_way_;
};

}  // namespace

std::shared_ptr<StandIn> StandIn::start() {
  std::shared_ptr<StandIn> started(new StandIn, Endings::end);
  Registry& known = registry();
  const std::lock_guard lock(known.mutex);
  std::erase_if(known.all, [](const auto& other) { return other.expired(); });
  known.all.push_back(started);
  return started;
}

std::vector<std::shared_ptr<StandIn>> StandIn::all() {
  Registry& known = registry();
  const std::lock_guard lock(known.mutex);
  std::vector<std::shared_ptr<StandIn>> found;
  for (const std::weak_ptr<StandIn>& one : known.all) {
    if (std::shared_ptr<StandIn> living = one.lock()) {
      found.push_back(std::move(living));
    }
  }
  return found;
}

bool StandIn::listens_at(const Endpoint& endpoint) const { return hosts_ == endpoint.text(); }

StandIn::StandIn() {
  rd_kafka_conf_t* const conf = rd_kafka_conf_new();
  rd_kafka_conf_set_log_cb(conf, drop_log);
  std::array<char, 512> why{};
  // The brokers' sockets have it from here. Else answers wait for 40 ms now and then.
  rd_kafka_conf_set(conf, "socket.nagle.disable", "true", why.data(), why.size());
  client_.reset(rd_kafka_new(RD_KAFKA_PRODUCER, conf, why.data(), why.size()));
  if (client_ == nullptr) {
    rd_kafka_conf_destroy(conf);
    throw Error(fmt::format("kafka: librdkafka makes no client: {}", why.data()));
  }
  cluster_.reset(rd_kafka_mock_cluster_new(client_.get(), kBrokers));
  if (cluster_ == nullptr) {
    throw Error("kafka: librdkafka's mock cluster does not start");
  }
  hosts_ = rd_kafka_mock_cluster_bootstraps(cluster_.get());
}

void StandIn::make_topic(const std::string& name, std::int32_t partitions) {
  const rd_kafka_resp_err_t error =
      rd_kafka_mock_topic_create(cluster_.get(), name.c_str(), partitions, kBrokers);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    throw Error(fmt::format("kafka: the mock cluster makes no topic {}: {}", name,
                            rd_kafka_err2str(error)));
  }
}

}  // namespace kafka

namespace {

class KafkaStandIn final : public LocalBroker {
 public:
  std::string address() const override { return stand_in_->address(); }

 private:
  std::shared_ptr<kafka::StandIn> stand_in_ = kafka::StandIn::start();
};

}  // namespace

// The cluster answers as soon as it is there.
std::unique_ptr<LocalBroker> start_kafka(const StartOptions& options) {
  check_settings(driver_named("kafka"), options.settings);
  return std::make_unique<KafkaStandIn>();
}

}  // namespace spate::drivers
