#include "kafka_access.h"

#include <fmt/format.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <array>
#include <memory>

#include "kafka/stand_in.h"
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
  void operator()(const rd_kafka_metadata_t* metadata) const {
    rd_kafka_metadata_destroy(metadata);
  }
};
using Client = std::unique_ptr<rd_kafka_t, Destroy>;

void keep_report(rd_kafka_t* /*client*/, const rd_kafka_message_t* message, void* /*opaque*/) {
  *static_cast<rd_kafka_resp_err_t*>(message->_private) = message->err;
}

Client client_of(const Address& address) {
  rd_kafka_conf_t* const conf = rd_kafka_conf_new();
  const std::string host = fmt::format("{}:{}", address.first().host, address.first().port);
  std::array<char, 256> why{};
  rd_kafka_conf_set(conf, "bootstrap.servers", host.c_str(), why.data(), why.size());
  rd_kafka_conf_set_dr_msg_cb(conf, keep_report);
  Client client(rd_kafka_new(RD_KAFKA_PRODUCER, conf, why.data(), why.size()));
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

void send(const Address& address, const std::string& run, std::span<const std::byte> bytes) {
  produce(address, run, kNormalOfWorker0, bytes);
}

std::vector<std::string> names(const Address& address, const std::string& beginning) {
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

void make(const Address& address, const std::string& name) { produce(address, name, 0, {}); }

// The mock cluster tells its clients ports of its own, so that none would stay on another way. It
// can cut and refuse by itself: a broker that is down closes its connections and takes no new ones.
class MockWay final : public Way {
 public:
  explicit MockWay(const Address& address) : address_(address), stand_in_(StandIn::at(address)) {
    if (stand_in_ == nullptr) {
      throw Error("kafka: no stand-in of this process listens at " + address.shown());
    }
  }
  ~MockWay() override { rd_kafka_mock_broker_set_up(stand_in_->cluster(), kAll); }

  Address address() const override { return address_; }
  void cut() override {
    check(rd_kafka_mock_broker_set_down(stand_in_->cluster(), kAll), "down");
    refuse(refuses_);
  }
  void refuse(bool refuses) override {
    refuses_ = refuses;
    check((refuses ? rd_kafka_mock_broker_set_down : rd_kafka_mock_broker_set_up)(
              stand_in_->cluster(), kAll),
          "up or down");
  }

 private:
  static constexpr std::int32_t kAll = -1;

  Address address_;
  std::shared_ptr<StandIn> stand_in_;
  bool refuses_ = false;
};

std::unique_ptr<Way> way(const Address& address) { return std::make_unique<MockWay>(address); }

}  // namespace

// The mock cluster of this librdkafka knows no removal: its topics end with it.
BrokerAccess kafka_access() { return {"kafka", send, names, make, way, false}; }

}  // namespace spate::testing_support
