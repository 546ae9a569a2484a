// NATS over TLS.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <future>
#include <optional>
#include <string>
#include <string_view>

#include "nats_access.h"
#include "nats_fixture.h"
#include "spate/error.h"
#include "support/certificates.h"
#include "support/expect_error.h"
#include "support/tcp_proxy.h"
#include "support/until.h"

namespace spate::drivers {
namespace {

using namespace testing_support;
using testing::HasSubstr;

class NatsTls : public Nats {
 protected:
  void SetUp() override {
    Nats::SetUp();
    if (!has_openssl()) {
      GTEST_SKIP() << "openssl, which makes the certificate, is not installed";
    }
  }
  void start_with_certificate(std::string_view host) {
    start(
        R"(
jetstream: { store_dir: FOLDER }
tls: { cert_file: "FOLDER/server.pem", key_file: "FOLDER/server.key" }
)",
        [&](const std::string& folder) { ASSERT_TRUE(make_certificate(folder, "server", host)); });
  }
  std::string trusting(std::string_view file) const {
    return url("", fmt::format("?ca={}/{}", folder(), file), "tls");
  }
};

TEST_F(NatsTls, CarriesARun) {
  start_with_certificate("IP:127.0.0.1");
  const auto broker = opened_when_there(trusting("server.pem"));
  OneRun run(*broker, 5000);
  const RunReport report = run.execute();
  EXPECT_TRUE(report.clean());
  EXPECT_EQ(report.total.delivered, report.total.expected);
  EXPECT_TRUE(broker->troubles().take().empty());
}

TEST_F(NatsTls, LooksAtTheCertificate) {
  start_with_certificate("IP:127.0.0.1");
  opened_when_there(trusting("server.pem"));
  ASSERT_TRUE(make_certificate(folder(), "other", "IP:127.0.0.1"));
  expect_error([&] { opened(trusting("other.pem")); }, {"certificate", "ca=FILE"});
  expect_error([&] { opened(url("", "", "tls")); }, {"certificate", "ca=FILE"});
  expect_error([&] { opened(trusting("absent.pem")); }, {"absent.pem", "PEM"});
  expect_error([&] { opened(url("")); }, {"wants TLS", "tls://"});
}

TEST_F(NatsTls, LooksForTheHostInTheCertificate) {
  start_with_certificate("DNS:localhost");
  const std::string right =
      fmt::format("tls://localhost:{}?ca={}/server.pem", address().first().port, folder());
  opened_when_there(right);
  expect_error([&] { opened(trusting("server.pem")); }, {"certificate", "for this host"});
}

TEST_F(NatsTls, IsNotDoneWithout) {
  start(kJetStream);
  opened_when_there(url(""));
  expect_error([&] { opened(url("", "", "tls")); }, {"without TLS", "nats://"});
}

// The library would wait for the rest of it without end.
TEST_F(NatsTls, DoesNotWaitForTheRestOfARecord) {
  start_with_certificate("IP:127.0.0.1");
  opened_when_there(trusting("server.pem"));
  std::atomic<bool> cuts_short{false};
  std::atomic<bool> silent{false};
  TcpProxy proxy(port(), [&](TcpProxy::From from, std::string& bytes) {
    if (from == TcpProxy::From::server && silent) {
      bytes.clear();
    } else if (from == TcpProxy::From::server && cuts_short) {
      bytes.pop_back();
      silent = true;
    }
    return true;
  });
  const auto broker =
      opened(fmt::format("tls://127.0.0.1:{}?ca={}/server.pem", proxy.port(), folder()), kSecond);
  OneRun run(*broker, 10);
  std::optional<AnyConsumer> consumer = run.delivery.make_consumer(0);
  Said said(*broker);
  std::future<void> ended = std::async(std::launch::async, [&] {
    std::array<Received, 16> batch;
    cuts_short = true;
    EXPECT_TRUE(comes_true([&] {
      consumer->try_receive(batch);
      return said.has("lost");
    }));
  });
  if (ended.wait_for(std::chrono::seconds(10)) != std::future_status::ready) {
    ADD_FAILURE() << "it waits";
  }
  cuts_short = false;
  silent = false;
  proxy.cut();
  ended.get();
  EXPECT_THAT(said.so_far(), HasSubstr("keeps silent"));
}

}  // namespace
}  // namespace spate::drivers
