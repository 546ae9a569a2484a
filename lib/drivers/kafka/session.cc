#include "session.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <memory>
#include <span>
#include <string_view>

#include "spate/clock.h"
#include "spate/error.h"

namespace spate::drivers::kafka {
namespace {

// So often the connection's errors are looked at while its first answer is waited for.
constexpr int kLookEveryMs = 50;
// A name may have several addresses, of which the library has tried one when it says that nobody is
// there.
constexpr std::int64_t kOtherAddressesNs = 500'000'000;
// What a crash of ours leaves behind is empty after so long.
constexpr const char* kRetentionMs = "3600000";

using NewTopic = std::unique_ptr<rd_kafka_NewTopic_t, Destroy<rd_kafka_NewTopic_destroy>>;
using DeleteTopic = std::unique_ptr<rd_kafka_DeleteTopic_t, Destroy<rd_kafka_DeleteTopic_destroy>>;
using DeleteGroup = std::unique_ptr<rd_kafka_DeleteGroup_t, Destroy<rd_kafka_DeleteGroup_destroy>>;
using AdminOptions =
    std::unique_ptr<rd_kafka_AdminOptions_t, Destroy<rd_kafka_AdminOptions_destroy>>;

AdminOptions options_of(const Client& client, rd_kafka_admin_op_t operation, int timeout_ms) {
  AdminOptions options(rd_kafka_AdminOptions_new(client.get(), operation));
  std::array<char, 256> why{};
  rd_kafka_AdminOptions_set_request_timeout(options.get(), timeout_ms, why.data(), why.size());
  return options;
}

std::string advice(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
      return "allow this user to create, write, read and delete topics spate-*, and to read and "
             "delete groups spate-*";
    case RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR:
      return "give a number of replicas that it has brokers for: ?replicas=1";
    case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
      return "a rule of the cluster is against it";
    default:
      return "it must be a Kafka cluster, of version 2.4 or later, that is ready";
  }
}

// What came of it for each topic. Throws Error at the first that failed.
void expect_fine(std::span<const rd_kafka_topic_result_t* const> results, std::string_view what) {
  for (const rd_kafka_topic_result_t* const result : results) {
    const rd_kafka_resp_err_t error = rd_kafka_topic_result_error(result);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
      const char* const text = rd_kafka_topic_result_error_string(result);
      throw Error(fmt::format("kafka: {}: the cluster answers '{}'; {}", what,
                              text == nullptr ? rd_kafka_err2str(error) : text, advice(error)));
    }
  }
}

}  // namespace

void Session::Heard::failed(rd_kafka_resp_err_t its_code, const std::string& its_text) noexcept {
  if (its_code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
    nobody = true;  // which says less than the errors before it
    return;
  }
  code = its_code;
  text = its_text;
}

Session::Session(const Connection& connection)
    : connection_(connection),
      client_(RD_KAFKA_PRODUCER, connection, /*setup_ns=*/connection.timeout_ns, {}, heard_) {
  await_broker();
}

void Session::await_broker() {
  std::int64_t now_ns = SteadyClock{}.now_ns();
  std::int64_t deadline_ns = now_ns + connection_.timeout_ns;
  for (bool asked = false; now_ns < deadline_ns; now_ns = SteadyClock{}.now_ns()) {
    // A broker that was asked has all the time that there is: asked again it would take as long.
    const int wait_ms = asked ? milliseconds(deadline_ns - now_ns) : kLookEveryMs;
    const rd_kafka_metadata_t* metadata = nullptr;
    const rd_kafka_resp_err_t error =
        rd_kafka_metadata(client_.get(), 0, nullptr, &metadata, wait_ms);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
      brokers_ = metadata->broker_cnt;
      rd_kafka_metadata_destroy(metadata);
      return;
    }
    asked = error == RD_KAFKA_RESP_ERR__TIMED_OUT;
    client_.poll();
    if (heard_.nobody && heard_.code == RD_KAFKA_RESP_ERR__AUTHENTICATION) {
      break;
    }
    if (heard_.nobody) {
      deadline_ns = std::min(deadline_ns, now_ns + kOtherAddressesNs);
    }
  }
  fail();
}

void Session::fail() const {
  const std::string shown = connection_.address.shown();
  const auto said = [&](std::string_view part) {
    return heard_.text.find(part) != std::string::npos;
  };
  if (said("not supported by broker")) {
    throw Error(
        fmt::format("kafka: the cluster at {} knows no users there ({}); leave user and password "
                    "out of the address, or give the port that wants them",
                    shown, heard_.text));
  }
  if (heard_.code == RD_KAFKA_RESP_ERR__AUTHENTICATION) {
    throw Error(fmt::format(
        "kafka: the cluster at {} does not let us in ({}); check user and password of the address",
        shown, heard_.text));
  }
  if (heard_.code == RD_KAFKA_RESP_ERR__SSL || said("SSL routines") || said("SSL handshake")) {
    throw Error(
        fmt::format("kafka: no TLS with the server at {} ({}); check the port, and the "
                    "certificates that this machine trusts",
                    shown, heard_.text));
  }
  if (heard_.code == RD_KAFKA_RESP_ERR__RESOLVE || said("Connect to")) {
    throw Error(fmt::format("kafka: no server at {} ({}); start one, or give --start-brokers",
                            shown, heard_.text));
  }
  if (heard_.text.empty() || said("imed out")) {
    throw Error(fmt::format(
        "kafka: the server at {} does not answer; is it a Kafka broker, and running?", shown));
  }
  throw Error(
      fmt::format("kafka: the server at {} speaks another protocol than {}:// ({}); check "
                  "the port, and whether it wants a password (kafka://user:password@host) "
                  "or TLS (kafkas://)",
                  shown, connection_.address.scheme, heard_.text));
}

Session::Event Session::outcome(std::string_view what,
                                const std::function<void(rd_kafka_queue_t*)>& begin) {
  heard_.text.clear();
  const Queue queue(rd_kafka_queue_new(client_.get()));
  begin(queue.get());
  // The library ends it in time by itself.
  Event event(rd_kafka_queue_poll(queue.get(), milliseconds(connection_.timeout_ns) + 1000));
  if (event != nullptr && rd_kafka_event_error(event.get()) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    return event;
  }
  client_.poll();
  throw Error(fmt::format(
      "kafka: {}: {}{}", what,
      event == nullptr ? "no answer came" : rd_kafka_event_error_string(event.get()),
      heard_.text.empty()
          ? ""
          : fmt::format("; of the brokers that {} names: {}; check their advertised.listeners",
                        connection_.address.shown(), heard_.text)));
}

void Session::make_topic(const std::string& name, std::int32_t partitions, std::int16_t replicas,
                         bool only_try) {
  std::array<char, 256> why{};
  const NewTopic topic(
      rd_kafka_NewTopic_new(name.c_str(), partitions, replicas, why.data(), why.size()));
  if (topic == nullptr) {
    throw Error(fmt::format("kafka: making a topic: {}", why.data()));
  }
  rd_kafka_NewTopic_set_config(topic.get(), "retention.ms", kRetentionMs);
  const int timeout_ms = milliseconds(connection_.timeout_ns);
  const AdminOptions options = options_of(client_, RD_KAFKA_ADMIN_OP_CREATETOPICS, timeout_ms);
  // Until all brokers know of it.
  rd_kafka_AdminOptions_set_operation_timeout(options.get(), timeout_ms, why.data(), why.size());
  rd_kafka_AdminOptions_set_validate_only(options.get(), only_try ? 1 : 0, why.data(), why.size());
  rd_kafka_NewTopic_t* list = topic.get();
  const Event event = outcome("making a topic", [&](rd_kafka_queue_t* queue) {
    rd_kafka_CreateTopics(client_.get(), &list, 1, options.get(), queue);
  });
  std::size_t count = 0;
  const auto* const results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &count);
  expect_fine({results, count}, "making a topic");
}

void Session::remove_topic(const std::string& name) {
  const DeleteTopic topic(rd_kafka_DeleteTopic_new(name.c_str()));
  const int timeout_ms = milliseconds(connection_.timeout_ns);
  const AdminOptions options = options_of(client_, RD_KAFKA_ADMIN_OP_DELETETOPICS, timeout_ms);
  rd_kafka_DeleteTopic_t* list = topic.get();
  const Event event = outcome("removing a topic", [&](rd_kafka_queue_t* queue) {
    rd_kafka_DeleteTopics(client_.get(), &list, 1, options.get(), queue);
  });
  std::size_t count = 0;
  const auto* const results =
      rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(event.get()), &count);
  expect_fine({results, count}, "removing a topic");
}

void Session::remove_group(const std::string& name) {
  const DeleteGroup group(rd_kafka_DeleteGroup_new(name.c_str()));
  const int timeout_ms = milliseconds(connection_.timeout_ns);
  const AdminOptions options = options_of(client_, RD_KAFKA_ADMIN_OP_DELETEGROUPS, timeout_ms);
  rd_kafka_DeleteGroup_t* list = group.get();
  const Event event = outcome("removing the group", [&](rd_kafka_queue_t* queue) {
    rd_kafka_DeleteGroups(client_.get(), &list, 1, options.get(), queue);
  });
  std::size_t count = 0;
  const auto* const results =
      rd_kafka_DeleteGroups_result_groups(rd_kafka_event_DeleteGroups_result(event.get()), &count);
  for (const rd_kafka_group_result_t* const result : std::span(results, count)) {
    const rd_kafka_error_t* const error = rd_kafka_group_result_error(result);
    if (error != nullptr && rd_kafka_error_code(error) != RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND) {
      throw Error(fmt::format("kafka: removing the group: the cluster answers '{}'",
                              rd_kafka_error_string(error)));
    }
  }
}

}  // namespace spate::drivers::kafka
