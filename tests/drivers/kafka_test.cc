// What is Kafka's own: what it says of itself, and why it may refuse. The stand-in has no TLS, no
// permissions and no administration; what those answer, no test here sees.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "kafka/stand_in.h"
#include "support/brokers.h"
#include "support/expect_error.h"
#include "support/runs.h"
#include "support/strange_server.h"

namespace spate::drivers {
namespace {

using namespace testing_support;
using testing::HasSubstr;

constexpr std::int16_t kProduceRequest = 0;

const Driver& driver() { return driver_named("kafka"); }

Address address_of(const std::string& url) { return parse_address(driver().address, url); }

// With a stand-in of the test's own, which can be told to refuse.
class Kafka : public testing::Test {
 protected:
  void SetUp() override { SPATE_NEEDS_BROKER("kafka"); }

  std::unique_ptr<Broker> opened(std::string_view settings = "") const {
    return driver().open({address_of(fmt::format("{}{}", stand_in_->address(), settings))});
  }
  rd_kafka_mock_cluster_t* cluster() const { return stand_in_->cluster(); }

  static RunReport run_on(Broker& broker, const RunPlan& plan) {
    const std::shared_ptr<const Payloads> payloads = payloads_for(plan);
    AnyDelivery delivery = broker.make_delivery({.workers = plan.workers, .payloads = payloads});
    return run_over(delivery, plan, payloads);
  }

 private:
  std::shared_ptr<kafka::StandIn> stand_in_ = kafka::StandIn::start();
};

TEST_F(Kafka, TellsHowDurableItIs) {
  EXPECT_THAT(opened()->description(),
              testing::MatchesRegex("kafka, librdkafka [0-9.]+'s mock cluster, a stand-in: nothing "
                                    "is stored; acks all, idempotence yes"));
  EXPECT_THAT(opened("?idempotence=no")->description(), HasSubstr("acks all, idempotence no"));
  EXPECT_THAT(opened("?acks=1")->description(), HasSubstr("acks 1, idempotence no"));
  EXPECT_THAT(opened("?acks=0")->description(), HasSubstr("acks 0, idempotence no"));
}

TEST_F(Kafka, DeliversWithEveryDurability) {
  for (const char* const settings : {"?acks=all&idempotence=no", "?acks=1", "?acks=0"}) {
    const RunPlan plan = patient_plan(1000, 0);
    const RunReport report = run_on(*opened(settings), plan);
    EXPECT_TRUE(report.clean()) << settings;
    EXPECT_EQ(report.total.delivered, report.total.expected) << settings;
  }
}

TEST_F(Kafka, HasNoIdempotenceWithoutAllAcks) {
  expect_error([&] { opened("?acks=1&idempotence=yes"); }, {"needs acks=all", "idempotence=no"});
  expect_error([&] { opened("?acks=two"); }, {"acks", "two", "all"});
  expect_error([&] { opened("?replicas=0"); }, {"replicas", "0"});
  expect_error([&] { opened("?durable=yes"); }, {"durable"});
}

// By an error that sending again does not mend.
TEST_F(Kafka, RefusalsAreCounted) {
  for (const char* const settings : {"?idempotence=yes", "?idempotence=no"}) {
    const auto broker = opened(settings);
    rd_kafka_mock_push_request_errors(cluster(), kProduceRequest, 2,
                                      RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED,
                                      RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
    const RunReport report = run_on(*broker, patient_plan(1000, 0));
    EXPECT_TRUE(report.clean());
    EXPECT_GT(report.rejected, 0U);
    EXPECT_EQ(report.total.delivered + report.rejected, report.total.expected);
    std::uint64_t told = 0;
    for (const Troubles::Line& line : broker->troubles().take()) {
      EXPECT_THAT(line.text, testing::AllOf(HasSubstr("a message was not taken"),
                                            testing::AnyOf(HasSubstr("authorization failed"),
                                                           HasSubstr("size too large"))));
      told += line.times;
    }
    EXPECT_EQ(told, report.rejected);
  }
}

// The stand-in keeps 5 MiB of a partition: what nobody has received must not be more.
TEST_F(Kafka, KeepsItsBacklogInBounds) {
  const auto broker = opened();
  RunPlan plan = patient_plan(20'000, 0);
  plan.types = only(MessageType::text);
  plan.payload_bytes = 4096;
  const std::shared_ptr<const Payloads> payloads = payloads_for(plan);
  AnyDelivery delivery =
      broker->make_delivery({.workers = 1, .payloads = payloads, .capacity = 4096});
  AnyProducer producer = delivery.make_producer(0);
  AnyConsumer consumer = delivery.make_consumer(0);
  std::array<Settlement, 64> settlements;
  Message message;
  message.recipient = 1;
  message.type = MessageType::text;
  std::uint64_t sent = 0;
  const std::int64_t deadline_ns = SteadyClock{}.now_ns() + 60 * kSecond;
  std::uint64_t acked = 0;
  do {
    while (producer.try_send({&message, 1}) == 1) {
      message.ordinal = message.sequence = ++sent;
    }
    acked += producer.poll(settlements);
  } while (acked < sent && SteadyClock{}.now_ns() < deadline_ns);
  EXPECT_LT(sent * *plan.payload_bytes, std::uint64_t{5} << 20);
  EXPECT_GT(sent * *plan.payload_bytes, std::uint64_t{3} << 20);
  std::array<Received, 64> received;
  std::uint64_t came = 0;
  while (came < sent && SteadyClock{}.now_ns() < deadline_ns) {
    came += consumer.try_receive(received);
  }
  EXPECT_EQ(came, sent);
  EXPECT_EQ(producer.try_send({&message, 1}), 1U) << "there is room again";
}

// --- a cluster that wants a password, which the stand-in cannot ---

std::string number(std::size_t bytes, std::uint32_t value) {
  std::string text;
  while (bytes-- > 0) {
    text += static_cast<char>(value >> 8 * bytes);
  }
  return text;
}

// What it says to everybody, in Kafka's protocol: that it knows of passwords, and that this is not
// the right one.
std::string refuse_password(std::string_view request) {
  constexpr std::uint32_t kSaslHandshake = 17;
  constexpr std::uint32_t kApiVersions = 18;
  constexpr std::uint32_t kSaslAuthenticate = 36;
  const auto kind = static_cast<std::uint32_t>(request.at(5));
  const bool newer = request.at(7) != 0;  // a version of the request
  std::string body;
  if (kind == kApiVersions) {
    body = number(2, newer ? RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION : 0) + number(4, 3);
    for (const std::uint32_t known : {kSaslHandshake, kApiVersions, kSaslAuthenticate}) {
      body += number(2, known) + number(2, 0) + number(2, known == kSaslHandshake ? 1 : 0);
    }
  } else if (kind == kSaslHandshake) {
    body = number(2, 0) + number(4, 1) + number(2, 5) + "PLAIN";
  } else {
    const std::string why = "Authentication failed: Invalid username or password";
    body = number(2, RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED) +
           number(2, static_cast<std::uint32_t>(why.size())) + why + number(4, 0);
  }
  const std::string its_number(request.substr(8, 4));
  return number(4, static_cast<std::uint32_t>(4 + body.size())) + its_number + body;
}

TEST(KafkaAddress, WantsTheRightPassword) {
  const StrangeServer server(refuse_password);
  expect_error(
      [&] {
        driver().open({address_of(fmt::format("kafka://ann:secret@127.0.0.1:{}", server.port())),
                       5 * kSecond});
      },
      {"Invalid username or password", "check user and password"});
}

}  // namespace
}  // namespace spate::drivers
