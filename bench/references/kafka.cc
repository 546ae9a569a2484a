// librdkafka alone.
#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "interrupt.h"
#include "references.h"
#include "spate/error.h"

namespace spate::bench {
namespace {

using drivers::Address;

constexpr int kTimeoutMs = 5000;
constexpr std::int32_t kPartition = 0;
// Over librdkafka's mock cluster so many are sent at once, without waiting for more: of 64, 96,
// 128, 144 and more, the best there for both loops. Over another one what suits it is the library's
// to know.
constexpr int kBatch = 96;

[[noreturn]] void fail(std::string_view why) {
  throw Error(fmt::format("kafka, reference: {}", why));
}
void check(rd_kafka_resp_err_t error) {
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    fail(rd_kafka_err2str(error));
  }
}

struct Free {
  void operator()(rd_kafka_conf_t* conf) const { rd_kafka_conf_destroy(conf); }
  void operator()(rd_kafka_topic_t* topic) const { rd_kafka_topic_destroy(topic); }
  void operator()(rd_kafka_queue_t* queue) const { rd_kafka_queue_destroy(queue); }
  void operator()(rd_kafka_event_t* event) const { rd_kafka_event_destroy(event); }
  void operator()(rd_kafka_NewTopic_t* topic) const { rd_kafka_NewTopic_destroy(topic); }
  void operator()(rd_kafka_DeleteTopic_t* topic) const { rd_kafka_DeleteTopic_destroy(topic); }
  void operator()(rd_kafka_topic_partition_list_t* list) const {
    rd_kafka_topic_partition_list_destroy(list);
  }
  void operator()(rd_kafka_t* client) const {
    rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
  }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;
using Conf = Owned<rd_kafka_conf_t>;

void set(const Conf& conf, std::initializer_list<std::pair<const char*, std::string>> settings) {
  std::array<char, 256> why{};
  for (const auto& [name, value] : settings) {
    if (rd_kafka_conf_set(conf.get(), name, value.c_str(), why.data(), why.size()) !=
        RD_KAFKA_CONF_OK) {
      fail(name);  // the value may be a password
    }
  }
}

Conf conf_for(const Address& address) {
  Conf conf(rd_kafka_conf_new());
  set(conf, {{"bootstrap.servers", address.first().text()}, {"socket.nagle.disable", "true"}});
  const std::string tls = address.scheme == "kafkas" ? "ssl" : "plaintext";
  if (address.user.empty()) {
    set(conf, {{"security.protocol", tls}});
  } else {
    set(conf, {{"security.protocol", "sasl_" + tls},
               {"sasl.mechanism", "PLAIN"},
               {"sasl.username", address.user},
               {"sasl.password", address.password}});
  }
  return conf;
}

Owned<rd_kafka_t> client_of(rd_kafka_type_t kind, Conf conf) {
  std::array<char, 256> why{};
  Owned<rd_kafka_t> client(rd_kafka_new(kind, conf.get(), why.data(), why.size()));
  if (client == nullptr) {
    fail(why.data());
  }
  static_cast<void>(conf.release());  // it is the client's now
  return client;
}

std::string setting(const Address& address, std::string_view name, std::string_view otherwise) {
  const auto found = address.settings.find(name);
  return std::string(found == address.settings.end() ? otherwise : found->second);
}

// librdkafka's own mock cluster answers a fetch when its time is up, and not when something comes.
bool is_mock(rd_kafka_t* client) {
  char* const id = rd_kafka_clusterid(client, kTimeoutMs);
  const bool is = id != nullptr && std::string_view(id).starts_with("mockCluster");
  rd_kafka_mem_free(client, id);
  return is;
}

// What an administrator's request came to.
void await(rd_kafka_queue_t* queue) {
  const Owned<rd_kafka_event_t> event(rd_kafka_queue_poll(queue, kTimeoutMs));
  if (event == nullptr) {
    fail("no answer");
  }
  check(rd_kafka_event_error(event.get()));
}

class Producer {
 public:
  Producer(const Address& address, const std::string& name)
      : name_(name),
        over_a_mock_(is_mock(client_of(RD_KAFKA_PRODUCER, conf_for(address)).get())),
        client_(client_of(RD_KAFKA_PRODUCER, conf(address))) {
    if (!over_a_mock_) {  // which makes topics when they are asked for, and keeps them
      make_topic();
    }
    topic_.reset(rd_kafka_topic_new(client_.get(), name.c_str(), nullptr));
    std::int64_t low = 0;
    std::int64_t high = 0;
    check(rd_kafka_query_watermark_offsets(client_.get(), name.c_str(), kPartition, &low, &high,
                                           kTimeoutMs));
  }
  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;

  // The messages are the library's until it has reported on them, so it makes copies.
  void produce(std::size_t count) {
    batch_.assign(count, {});
    for (rd_kafka_message_t& message : batch_) {
      message.payload = body_.data();
      message.len = body_.size();
    }
    const int taken = rd_kafka_produce_batch(topic_.get(), kPartition, RD_KAFKA_MSG_F_COPY,
                                             batch_.data(), static_cast<int>(count));
    if (static_cast<std::size_t>(taken) != count) {
      fail("a message was not taken");
    }
  }
  // How many have been acknowledged, in all.
  std::uint64_t acked() {
    rd_kafka_poll(client_.get(), 0);
    if (acks_.failed) {
      fail("a message was not acknowledged");
    }
    return acks_.count;
  }
  bool over_a_mock() const { return over_a_mock_; }
  void remove_topic() {
    if (!over_a_mock_) {
      const Owned<rd_kafka_queue_t> queue(rd_kafka_queue_new(client_.get()));
      const Owned<rd_kafka_DeleteTopic_t> topic(rd_kafka_DeleteTopic_new(name_.c_str()));
      rd_kafka_DeleteTopic_t* list = topic.get();
      rd_kafka_DeleteTopics(client_.get(), &list, 1, nullptr, queue.get());
      await(queue.get());
    }
  }

 private:
  void make_topic() {
    const Owned<rd_kafka_queue_t> queue(rd_kafka_queue_new(client_.get()));
    std::array<char, 256> why{};
    const Owned<rd_kafka_NewTopic_t> topic(
        rd_kafka_NewTopic_new(name_.c_str(), 1, -1, why.data(), why.size()));
    rd_kafka_NewTopic_t* list = topic.get();
    rd_kafka_CreateTopics(client_.get(), &list, 1, nullptr, queue.get());
    await(queue.get());
  }
  struct Acks {
    std::uint64_t count = 0;
    bool failed = false;
  };
  static void report(rd_kafka_t* /*client*/, const rd_kafka_message_t* message, void* acks) {
    Acks& counted = *static_cast<Acks*>(acks);
    ++counted.count;
    counted.failed = counted.failed || message->err != RD_KAFKA_RESP_ERR_NO_ERROR;
  }
  Conf conf(const Address& address) {
    Conf conf = conf_for(address);
    const std::string acks = setting(address, "acks", "all");
    const bool idempotent = setting(address, "idempotence", acks == "all" ? "yes" : "no") == "yes";
    set(conf, {{"acks", acks},
               {"enable.idempotence", idempotent ? "true" : "false"},
               {"max.in.flight", "5"},
               {"linger.ms", over_a_mock_ ? "1" : "0"}});
    if (over_a_mock_) {
      set(conf, {{"batch.num.messages", fmt::to_string(kBatch)}});
    }
    rd_kafka_conf_set_opaque(conf.get(), &acks_);
    rd_kafka_conf_set_dr_msg_cb(conf.get(), report);
    return conf;
  }

  std::string name_;
  std::string body_ = std::string(kReferenceBytes, 'x');
  std::vector<rd_kafka_message_t> batch_;
  Acks acks_;  // the library has its address
  bool over_a_mock_;
  Owned<rd_kafka_t> client_;
  Owned<rd_kafka_topic_t> topic_;
};

// The only reader of its partition, which stores what it has read; the library commits that ten
// times a second.
class Receiver {
 public:
  Receiver(const Address& address, const std::string& name, bool over_a_mock)
      : read_(rd_kafka_topic_partition_list_new(1)) {
    Conf conf = conf_for(address);
    set(conf, {{"group.id", name},
               {"session.timeout.ms", "1000"},
               {"auto.commit.interval.ms", "100"},
               {"enable.auto.offset.store", "false"},
               {"fetch.wait.max.ms", over_a_mock ? "1" : "500"}});
    client_ = client_of(RD_KAFKA_CONSUMER, std::move(conf));
    queue_.reset(rd_kafka_queue_get_partition(client_.get(), name.c_str(), kPartition));
    rd_kafka_queue_forward(queue_.get(), nullptr);
    rd_kafka_topic_partition_list_add(read_.get(), name.c_str(), kPartition)->offset = 0;
    check(rd_kafka_assign(client_.get(), read_.get()));
  }

  // How many messages have come.
  std::uint64_t receive() {
    rd_kafka_poll(client_.get(), 0);
    const ssize_t count =
        rd_kafka_consume_batch_queue(queue_.get(), 0, batch_.data(), batch_.size());
    for (ssize_t at = 0; at < count; ++at) {
      rd_kafka_message_t* const message = batch_[static_cast<std::size_t>(at)];
      check(message->err);
      read_->elems[0].offset = message->offset + 1;
      rd_kafka_message_destroy(message);
    }
    if (count > 0) {
      check(rd_kafka_offsets_store(client_.get(), read_.get()));
    }
    return static_cast<std::uint64_t>(count);
  }

 private:
  Owned<rd_kafka_t> client_;
  Owned<rd_kafka_queue_t> queue_;
  Owned<rd_kafka_topic_partition_list_t> read_;
  std::array<rd_kafka_message_t*, 2 * kReferenceBatch> batch_{};
};

}  // namespace

void kafka_publish(const Address& address, const std::string& name, Load& load) {
  Producer producer(address, name);
  std::uint64_t sent = 0;
  std::uint64_t acked = 0;
  load.begin();
  while (acked < load.messages() && !interrupted()) {
    const std::uint64_t before = sent + acked;
    const std::uint64_t room = load.allowed(acked) - sent;
    if (room > 0) {
      producer.produce(room);
      sent += room;
    }
    acked = producer.acked();
    give_way(sent + acked == before);
  }
  load.end();
  producer.remove_topic();
}

void kafka_deliver(const Address& address, const std::string& name, Load& load) {
  Producer producer(address, name);
  Receiver receiver(address, name, producer.over_a_mock());
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
  load.begin();
  while (received < load.messages() && !interrupted()) {
    const std::uint64_t before = sent + received;
    const auto room = std::min<std::uint64_t>(kReferenceBatch, load.allowed(received) - sent);
    if (room > 0) {
      producer.produce(room);
      sent += room;
    }
    producer.acked();
    received += receiver.receive();
    load.come(received);
    give_way(sent + received == before);
  }
  load.end();
  producer.remove_topic();
}

}  // namespace spate::bench
