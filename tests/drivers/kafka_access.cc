#include "kafka_access.h"

#include <fmt/format.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <array>
#include <map>
#include <memory>

#include "spate/drivers/broker.h"
#include "spate/error.h"

namespace spate::testing_support {
namespace {

using drivers::Address;
using drivers::kafka::StandIn;

constexpr int kTimeoutMs = 10'000;
constexpr std::int32_t kNormalOfWorker0 = 1;  // its urgent lane is partition 0

void check(rd_kafka_resp_err_t error, const char* what) {
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    throw Error(fmt::format("kafka, {}: {}", what, rd_kafka_err2str(error)));
  }
}

struct Destroy {
  void operator()(rd_kafka_t* client) const { rd_kafka_destroy(client); }
  void operator()(rd_kafka_topic_t* topic) const { rd_kafka_topic_destroy(topic); }
  void operator()(rd_kafka_topic_partition_list_t* list) const {
    rd_kafka_topic_partition_list_destroy(list);
  }
  void operator()(const rd_kafka_metadata_t* metadata) const {
    rd_kafka_metadata_destroy(metadata);
  }
};
using Client = std::unique_ptr<rd_kafka_t, Destroy>;

void keep_report(rd_kafka_t* /*client*/, const rd_kafka_message_t* message, void* /*opaque*/) {
  *static_cast<rd_kafka_resp_err_t*>(message->_private) = message->err;
}

Client client_of(const Address& address, rd_kafka_type_t kind = RD_KAFKA_PRODUCER,
                 const std::map<std::string, std::string>& properties = {}) {
  rd_kafka_conf_t* const conf = rd_kafka_conf_new();
  const std::string host = fmt::format("{}:{}", address.first().host, address.first().port);
  std::array<char, 256> why{};
  rd_kafka_conf_set(conf, "bootstrap.servers", host.c_str(), why.data(), why.size());
  for (const auto& [name, value] : properties) {
    rd_kafka_conf_set(conf, name.c_str(), value.c_str(), why.data(), why.size());
  }
  if (kind == RD_KAFKA_PRODUCER) {
    rd_kafka_conf_set_dr_msg_cb(conf, keep_report);
  }
  Client client(rd_kafka_new(kind, conf, why.data(), why.size()));
  if (client == nullptr) {
    rd_kafka_conf_destroy(conf);
    throw Error(fmt::format("kafka: {}", why.data()));
  }
  return client;
}

// Waits until the broker has it. A topic that is not there is made by that.
void produce(const Address& address, const std::string& topic, std::int32_t partition,
             std::span<const std::byte> bytes) {
  const Client client = client_of(address);
  rd_kafka_resp_err_t report = RD_KAFKA_RESP_ERR__TIMED_OUT;
  const std::unique_ptr<rd_kafka_topic_t, Destroy> to(
      rd_kafka_topic_new(client.get(), topic.c_str(), nullptr));
  if (rd_kafka_produce(to.get(), partition, RD_KAFKA_MSG_F_COPY,
                       const_cast<std::byte*>(bytes.data()), bytes.size(), nullptr, 0,
                       &report) != 0) {
    check(rd_kafka_last_error(), "produce");
  }
  check(rd_kafka_flush(client.get(), kTimeoutMs), "flush");
  check(report, "report");
}

std::vector<std::string> names_at(const Address& address, const std::string& beginning) {
  const Client client = client_of(address);
  const rd_kafka_metadata_t* raw = nullptr;
  check(rd_kafka_metadata(client.get(), 1, nullptr, &raw, kTimeoutMs), "metadata");
  const std::unique_ptr<const rd_kafka_metadata_t, Destroy> metadata(raw);
  std::vector<std::string> found;
  for (const auto& topic : std::span(raw->topics, static_cast<std::size_t>(raw->topic_cnt))) {
    if (std::string_view(topic.topic).starts_with(beginning)) {
      found.emplace_back(topic.topic);
    }
  }
  return found;
}

Address address_of(const StandIn& stand_in) {
  return drivers::parse_address(drivers::driver_named("kafka").address, stand_in.address());
}

// Of all stand-ins of this process: each run has one of its own.
std::vector<std::string> names(const Address& /*address*/, const std::string& beginning) {
  std::vector<std::string> found;
  for (const auto& stand_in : StandIn::all()) {
    const std::vector<std::string> there = names_at(address_of(*stand_in), beginning);
    found.insert(found.end(), there.begin(), there.end());
  }
  return found;
}

void send(const Address& /*address*/, const std::string& run, std::span<const std::byte> bytes) {
  produce(address_of(*kafka_stand_in_of(run)), run, kNormalOfWorker0, bytes);
}

void make(const Address& address, const std::string& name) { produce(address, name, 0, {}); }

// The mock cluster tells its clients ports of its own, so that none would stay on another way. It
// can cut and refuse by itself: a broker that is down closes its connections and takes no new ones.
class MockWay final : public Way {
 public:
  explicit MockWay(const Address& address) : address_(address) {}
  ~MockWay() override { set(rd_kafka_mock_broker_set_up); }

  Address address() const override { return address_; }
  void cut() override {
    set(rd_kafka_mock_broker_set_down);
    refuse(refuses_);
  }
  void refuse(bool refuses) override {
    refuses_ = refuses;
    set(refuses ? rd_kafka_mock_broker_set_down : rd_kafka_mock_broker_set_up);
  }

 private:
  // Every broker of this process.
  static void set(rd_kafka_resp_err_t (*up_or_down)(rd_kafka_mock_cluster_t*, std::int32_t)) {
    constexpr std::int32_t kAll = -1;
    for (const auto& stand_in : StandIn::all()) {
      up_or_down(stand_in->cluster(), kAll);
    }
  }

  Address address_;
  bool refuses_ = false;
};

std::unique_ptr<Way> way(const Address& address) { return std::make_unique<MockWay>(address); }

}  // namespace

std::shared_ptr<StandIn> kafka_stand_in_of(const std::string& run) {
  for (const auto& stand_in : StandIn::all()) {
    if (!names_at(address_of(*stand_in), run).empty()) {
      return stand_in;
    }
  }
  throw Error("kafka: no stand-in of this process has the topic " + run);
}

std::int64_t kafka_committed(const std::string& run) {
  const Client client =
      client_of(address_of(*kafka_stand_in_of(run)), RD_KAFKA_CONSUMER, {{"group.id", run}});
  const std::unique_ptr<rd_kafka_topic_partition_list_t, Destroy> asked(
      rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(asked.get(), run.c_str(), kNormalOfWorker0);
  check(rd_kafka_committed(client.get(), asked.get(), kTimeoutMs), "committed");
  return asked->elems[0].offset;
}

BrokerAccess kafka_access() { return {"kafka", send, names, make, way}; }

}  // namespace spate::testing_support
