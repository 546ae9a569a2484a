// What is Kafka's own: what it says of itself, and why it may refuse. The stand-in has no TLS, no
// permissions and no administration; what those answer, no test here sees.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "kafka_access.h"
#include "spate/drivers/naming.h"
#include "spate/drivers/server_process.h"
#include "support/brokers.h"
#include "support/expect_error.h"
#include "support/runs.h"
#include "support/until.h"

namespace spate::drivers {
namespace {

using namespace testing_support;
using testing::HasSubstr;

// Of Kafka's protocol.
constexpr std::int16_t kProduceRequest = 0;
constexpr std::int16_t kOffsetCommitRequest = 8;
constexpr std::int16_t kInitProducerIdRequest = 22;

const Driver& driver() { return driver_named("kafka"); }

Address address_of(const std::string& url) { return parse_address(driver().address, url); }

// From now on that request is answered so.
void answer(rd_kafka_mock_cluster_t* cluster, std::int16_t request, rd_kafka_resp_err_t error) {
  const std::vector<rd_kafka_resp_err_t> errors(1000, error);
  rd_kafka_mock_push_request_errors_array(cluster, request, errors.size(), errors.data());
}

// A run, and the stand-in that it has.
struct OneRun {
  OneRun(Broker& broker, const RunPlan& run_plan)
      : plan(run_plan),
        payloads(payloads_for(plan)),
        delivery(broker.make_delivery({.workers = plan.workers, .payloads = payloads})),
        stand_in(kafka_stand_in_of(run_name(*payloads))) {}

  rd_kafka_mock_cluster_t* cluster() const { return stand_in->cluster(); }
  RunReport execute() { return run_over(delivery, plan, payloads); }

  RunPlan plan;
  std::shared_ptr<const Payloads> payloads;
  AnyDelivery delivery;
  std::shared_ptr<kafka::StandIn> stand_in;
};

// The handles of a run, one message at a time.
class Steps {
 public:
  Steps(Broker& broker, OneRun& run)
      : broker_(broker),
        producer_(run.delivery.make_producer(0)),
        consumer_(run.delivery.make_consumer(0)) {
    message_.recipient = 1;
    message_.type = MessageType::text;
  }

  // What became of one more message.
  Outcome send() {
    bool sent = false;
    await([&] {
      sent = sent || producer_.try_send({&message_, 1}) == 1;
      return settled_ > message_.ordinal;
    });
    message_.sequence = ++message_.ordinal;
    return last_;
  }
  // What the broker's troubles are, once this is among them.
  void await_trouble(std::string_view text) {
    await([&] {
      for (const Troubles::Line& line : broker_.troubles().take()) {
        said_ += line.text + "\n";
      }
      return said_.find(text) != std::string::npos;
    });
  }
  void pass(std::int64_t ns) {
    const std::int64_t end_ns = SteadyClock{}.now_ns() + ns;
    await([&] { return SteadyClock{}.now_ns() >= end_ns; });
  }

  // Goes round as a worker does.
  template <class Condition>
  void await(Condition condition) {
    EXPECT_TRUE(comes_true([&] {
      std::array<Settlement, 64> settlements;
      if (const std::size_t count = producer_.poll(settlements); count > 0) {
        settled_ += count;
        last_ = settlements[count - 1].outcome;
      }
      std::array<Received, 64> received;
      consumer_.try_receive(received);
      return condition();
    })) << said_;
  }

 private:
  Broker& broker_;
  AnyProducer producer_;
  AnyConsumer consumer_;
  Message message_;
  std::uint64_t settled_ = 0;
  Outcome last_ = Outcome::unknown;
  std::string said_;
};

// With a stand-in of the test's own.
class Kafka : public testing::Test {
 protected:
  void SetUp() override { SPATE_NEEDS_BROKER("kafka"); }

  std::unique_ptr<Broker> opened(std::string_view rest = "",
                                 std::int64_t timeout_ns = 5 * kSecond) const {
    return driver().open({address_of(fmt::format("{}{}", stand_in_->address(), rest)), timeout_ns});
  }
  std::unique_ptr<Broker> opened_as(std::string_view credentials) const {
    const Endpoint there = address_of(stand_in_->address()).first();
    return driver().open(
        {address_of(fmt::format("kafka://{}{}:{}", credentials, there.host, there.port))});
  }
  rd_kafka_mock_cluster_t* cluster() const { return stand_in_->cluster(); }

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
    const RunReport report = OneRun(*opened(settings), patient_plan(1000, 0)).execute();
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
    OneRun run(*broker, patient_plan(1000, 0));
    rd_kafka_mock_push_request_errors(run.cluster(), kProduceRequest, 2,
                                      RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED,
                                      RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
    const RunReport report = run.execute();
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

TEST_F(Kafka, OpensWhereAnswersTakeTheirTime) {
  rd_kafka_mock_broker_set_rtt(cluster(), -1, 200);
  EXPECT_NO_THROW(opened());
}

// Else a worker that seldom sends would lose all that it sends after a short outage.
TEST_F(Kafka, AProducerWithNothingToSendGivesNobodyUp) {
  constexpr std::int64_t kTimeoutNs = kSecond;
  const auto broker = opened("", kTimeoutNs);
  OneRun run(*broker, patient_plan(1, 0));
  Steps steps(*broker, run);
  EXPECT_EQ(steps.send(), Outcome::acked);
  rd_kafka_mock_broker_set_down(run.cluster(), -1);
  steps.await_trouble("the connection is lost");
  rd_kafka_mock_broker_set_up(run.cluster(), -1);
  steps.pass(3 * kTimeoutNs);
  EXPECT_EQ(steps.send(), Outcome::acked);
}

// Else a run in which a connection was once lost, and everything is refused, would end as given up.
TEST_F(Kafka, BrokersThatRefuseAreThere) {
  constexpr std::int64_t kTimeoutNs = kSecond;
  const auto broker = opened("", kTimeoutNs);
  OneRun run(*broker, patient_plan(1, 0));
  Steps steps(*broker, run);
  EXPECT_EQ(steps.send(), Outcome::acked);
  rd_kafka_mock_broker_set_down(run.cluster(), -1);
  steps.await_trouble("the connection is lost");
  rd_kafka_mock_broker_set_up(run.cluster(), -1);
  answer(run.cluster(), kProduceRequest, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
  EXPECT_EQ(steps.send(), Outcome::rejected);
  steps.pass(2 * kTimeoutNs);
  EXPECT_FALSE(broker->troubles().take_given_up());
}

TEST_F(Kafka, OneOfTheHostsIsEnough) {
  constexpr std::int64_t kTimeoutNs = 2 * kSecond;
  const auto broker = opened(fmt::format(",127.0.0.1:{}", free_port()), kTimeoutNs);
  OneRun run(*broker, patient_plan(1, 0));
  Steps steps(*broker, run);
  steps.pass(kTimeoutNs * 3 / 2);
  EXPECT_EQ(steps.send(), Outcome::acked);
  EXPECT_TRUE(broker->troubles().take().empty());
}

TEST_F(Kafka, AcknowledgesWhatWasRead) {
  const auto broker = opened();
  OneRun run(*broker, patient_plan(1, 0));
  Steps steps(*broker, run);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(steps.send(), Outcome::acked);
  }
  steps.await([&] { return kafka_committed(run_name(*run.payloads)) >= 3; });
  EXPECT_EQ(kafka_committed(run_name(*run.payloads)), 3);
}

TEST_F(Kafka, TellsWhatCannotBeAcknowledged) {
  const auto broker = opened();
  OneRun run(*broker, patient_plan(1, 0));
  answer(run.cluster(), kOffsetCommitRequest, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED);
  Steps steps(*broker, run);
  EXPECT_EQ(steps.send(), Outcome::acked);
  steps.await_trouble("could not be acknowledged: Broker: Group authorization failed");
}

TEST_F(Kafka, SendsNoMoreWhenTheLibraryDoesNot) {
  const auto broker = opened();
  OneRun run(*broker, patient_plan(1, 0));
  answer(run.cluster(), kInitProducerIdRequest, RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED);
  Steps steps(*broker, run);
  EXPECT_EQ(steps.send(), Outcome::rejected);
  steps.await_trouble("Cluster authorization failed");
  steps.await_trouble("the library sends no more");
  EXPECT_EQ(steps.send(), Outcome::rejected);
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

TEST_F(Kafka, AUserNeedsAPasswordAndAClusterThatKnowsUsers) {
  for (const char* const credentials : {"ann@", ":secret@"}) {
    expect_error([&] { opened_as(credentials); }, {"without a", "kafka://user:password@host"});
  }
  expect_error([&] { opened_as("ann:secret@"); },
               {"knows no users", "leave user and password out"});
}

}  // namespace
}  // namespace spate::drivers
