// What is NATS's own: what it says of itself, and why it may refuse.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "nats_access.h"
#include "spate/drivers/naming.h"
#include "spate/drivers/server_process.h"
#include "support/brokers.h"
#include "support/expect_error.h"
#include "support/runs.h"

namespace spate::drivers {
namespace {

using namespace testing_support;
using testing::HasSubstr;

const Driver& driver() { return driver_named("nats"); }

constexpr std::string_view kJetStream = "jetstream: { store_dir: FOLDER }\n";

class Nats : public testing::Test {
 protected:
  void SetUp() override { SPATE_NEEDS_BROKER("nats"); }

  // A server with settings of its own, as in its file of settings; FOLDER is the server's folder.
  // `prepare` is called with it before.
  void start(std::string_view settings,
             const std::function<void(const std::string& folder)>& prepare = nullptr) {
    port_ = free_port();
    server_.emplace("nats-test", [&](const std::filesystem::path& folder) {
      if (prepare) {
        prepare(folder.string());
      }
      std::string text(settings);
      for (std::size_t at = text.find("FOLDER"); at != std::string::npos;
           at = text.find("FOLDER")) {
        text.replace(at, std::string_view("FOLDER").size(), folder.string());
      }
      const std::string file = (folder / "server.conf").string();
      std::ofstream(file) << text;
      return ServerProcess::Command{
          {"nats-server", "--addr", "127.0.0.1", "--port", fmt::to_string(port_), "--config", file},
          {}};
    });
  }
  void await(const std::function<void()>& answers) { server_->await(60 * kSecond, answers); }
  std::unique_ptr<Broker> opened_when_there(const std::string& url) {
    std::unique_ptr<Broker> broker;
    await([&] { broker = opened(url); });
    return broker;
  }
  std::string url(std::string_view credentials, std::string_view settings = "",
                  std::string_view scheme = "nats") const {
    return fmt::format("{}://{}127.0.0.1:{}{}", scheme, credentials, port_, settings);
  }
  std::string folder() const { return server_->folder().string(); }
  static std::unique_ptr<Broker> opened(const std::string& url,
                                        std::int64_t timeout_ns = 5 * kSecond) {
    return driver().open({parse_address(driver().address, url), timeout_ns});
  }
  Address address() const { return parse_address(driver().address, url("")); }

 private:
  std::uint16_t port_ = 0;
  std::optional<ServerProcess> server_;
};

// A run over a broker, and its delivery.
struct OneRun {
  explicit OneRun(Broker& broker, std::uint64_t messages)
      : plan(patient_plan(messages, 0)),
        payloads(payloads_for(plan)),
        delivery(broker.make_delivery({.workers = 1, .payloads = payloads})) {}

  RunReport execute() { return run_over(delivery, plan, payloads); }
  std::string name() const { return run_name(*payloads); }

  RunPlan plan;
  std::shared_ptr<const Payloads> payloads;
  AnyDelivery delivery;
};

TEST_F(Nats, TellsHowDurableItIs) {
  start(kJetStream);
  EXPECT_THAT(opened_when_there(url(""))->description(),
              testing::MatchesRegex("nats-server [0-9.]+, storage file, replicas 1, fsync as .*"));
  EXPECT_THAT(opened(url("", "?storage=memory"))->description(),
              testing::MatchesRegex("nats-server [0-9.]+, storage memory, replicas 1"));
  const auto broker = opened(url("", "?storage=memory"));
  EXPECT_TRUE(OneRun(*broker, 100).execute().clean());
}

TEST_F(Nats, HasSettingsWithValuesThatAreAllowed) {
  start(kJetStream);
  opened_when_there(url(""));
  expect_error([&] { opened(url("", "?storage=disk")); }, {"storage=disk", "file or memory"});
  expect_error([&] { opened(url("", "?replicas=9")); }, {"replicas=9", "1 to 5"});
  expect_error([&] { opened(url("", "?fsync=always")); }, {"'fsync'", "storage, replicas, ca"});
  expect_error([&] { opened(url("", "?ca=x")); }, {"ca=", "tls://"});
  const auto broker = opened(url("", "?replicas=3"));
  expect_error([&] { OneRun(*broker, 10); }, {"replicas=1", "cluster"});
}

TEST_F(Nats, WantsTheRightPassword) {
  start("authorization: { user: ann, password: secret }\njetstream: { store_dir: FOLDER }\n");
  EXPECT_NO_THROW(opened_when_there(url("ann:secret@")));
  for (const char* const credentials : {"ann:wrong@", ""}) {
    expect_error([&] { opened(url(credentials)); },
                 {"Authorization Violation", "check user and password"});
  }
}

TEST_F(Nats, TakesAToken) {
  start("authorization: { token: secret }\njetstream: { store_dir: FOLDER }\n");
  EXPECT_NO_THROW(opened_when_there(url("secret@")));
  expect_error([&] { opened(url("wrong@")); }, {"Authorization Violation"});
}

TEST_F(Nats, WantsPermission) {
  start(R"(
jetstream: { store_dir: FOLDER }
authorization: { users: [
  { user: all, password: x }
  { user: api, password: x, permissions: { publish: { deny: "$JS.API.>" } } }
  { user: own, password: x, permissions: { publish: { deny: "spate.>" } } }
  { user: ack, password: x, permissions: { publish: { deny: "$JS.ACK.>" } } }
  { user: inbox, password: x, permissions: { subscribe: { deny: "_INBOX.>" } } }
] }
)");
  EXPECT_NO_THROW(opened_when_there(url("all:x@")));
  for (const char* const credentials : {"api:x@", "own:x@", "ack:x@", "inbox:x@"}) {
    expect_error([&] { opened(url(credentials), kSecond / 2); },
                 {"Permissions Violation", "allow this user"});
  }
}

TEST_F(Nats, NeedsJetStream) {
  start("");
  await([&] { nats_reach(address()); });
  expect_error([&] { opened(url("")); }, {"without JetStream;", "nats-server -js"});
  start(R"(
jetstream: { store_dir: FOLDER }
accounts: {
  with: { users: [ { user: ann, password: x } ], jetstream: enabled }
  without: { users: [ { user: bob, password: x } ] }
}
)");
  opened_when_there(url("ann:x@"));
  expect_error([&] { opened(url("bob:x@")); }, {"without JetStream for this account"});
}

TEST_F(Nats, RefusalsAreCounted) {
  start(kJetStream);
  const auto broker = opened_when_there(url(""));
  OneRun run(*broker, 100);
  nats_take_nothing(address(), run.name());
  const RunReport report = run.execute();
  EXPECT_TRUE(report.clean());
  EXPECT_EQ(report.rejected, report.total.expected);
  const auto lines = broker->troubles().take();
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_THAT(lines[0].text, HasSubstr("message size exceeds maximum allowed"));
  EXPECT_EQ(lines[0].times, report.rejected);
}

TEST_F(Nats, TakesNoLongerMessagesThanTheServer) {
  start("max_payload: 100\njetstream: { store_dir: FOLDER }\n");
  const auto broker = opened_when_there(url(""));
  expect_error([&] { OneRun(*broker, 10); }, {"takes 100", "shorter payloads"});
}

TEST_F(Nats, KeepsItsStreamsInBounds) {
  start(kJetStream);
  const auto broker = opened_when_there(url(""));
  OneRun run(*broker, 20'000);
  EXPECT_TRUE(run.execute().clean());
  // All but the last batch, which nobody asked for more after, is acknowledged.
  EXPECT_LT(nats_messages(address(), run.name()), 1000U);
}

// The server says that it has nothing; so it is not given up.
TEST_F(Nats, IsPatientWhileThereIsNothing) {
  start(kJetStream);
  opened_when_there(url(""));
  const auto broker = opened(url(""), kSecond / 5);
  OneRun run(*broker, 10);
  AnyConsumer consumer = run.delivery.make_consumer(0);
  std::array<Received, 16> batch;
  const std::int64_t end_ns = SteadyClock{}.now_ns() + kSecond;
  while (SteadyClock{}.now_ns() < end_ns) {
    EXPECT_EQ(consumer.try_receive(batch), 0U);
  }
  EXPECT_TRUE(broker->troubles().take().empty());
}

// --- TLS ---

bool openssl(const std::string& words) {
  return std::system(fmt::format("openssl {} >/dev/null 2>&1", words).c_str()) == 0;
}

// A key, and a certificate for that host which it signs itself.
void make_certificate(const std::string& folder, std::string_view name, std::string_view host) {
  if (!openssl(fmt::format("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes "
                           "-days 2 -subj /CN=test -addext subjectAltName={2} "
                           "-keyout {0}/{1}.key -out {0}/{1}.pem",
                           folder, name, host))) {
    throw Error("openssl makes no certificate");
  }
}

class NatsTls : public Nats {
 protected:
  void SetUp() override {
    Nats::SetUp();
    if (!openssl("version")) {
      GTEST_SKIP() << "openssl, which makes the certificate, is not installed";
    }
  }
  void start_with_certificate(std::string_view host) {
    start(R"(
jetstream: { store_dir: FOLDER }
tls: { cert_file: "FOLDER/server.pem", key_file: "FOLDER/server.key" }
)",
          [&](const std::string& folder) { make_certificate(folder, "server", host); });
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
  make_certificate(folder(), "other", "IP:127.0.0.1");
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

}  // namespace
}  // namespace spate::drivers
