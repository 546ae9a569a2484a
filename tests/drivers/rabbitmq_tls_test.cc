// RabbitMQ by TLS, amqps://.
#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <poll.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

#include "rabbitmq_fixture.h"
#include "spate/drivers/server_process.h"
#include "support/certificates.h"
#include "support/expect_error.h"
#include "support/tcp_proxy.h"

namespace {

std::atomic<bool> await_more_after_writing{false};

}  // namespace

// Instead of OpenSSL's own, to which it hands on.
extern "C" int SSL_write(SSL* session, const void* bytes, int size) {
  static const auto theirs = reinterpret_cast<decltype(&SSL_write)>(dlsym(RTLD_NEXT, "SSL_write"));
  const int result = theirs(session, bytes, size);
  if (await_more_after_writing && result < 0) {
    constexpr int kMostMs = 1000;
    pollfd watched{SSL_get_fd(session), POLLIN, 0};
    poll(&watched, 1, kMostMs);
  }
  return result;
}

namespace spate::drivers {
namespace {

using namespace testing_support;
namespace files = std::filesystem;

// The server listens at two more ports: at one its certificate is for the address, at the other for
// a name.
class RabbitmqTls : public RabbitmqTest {
 protected:
  void SetUp() override {
    RabbitmqTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) {
      return;
    }
    if (!has_openssl()) {
      GTEST_SKIP() << "openssl, which makes the certificates, is not installed";
    }
    static const bool listens = listen();
    ASSERT_TRUE(listens);
    trust(folder() / "address.pem");
  }
  void TearDown() override {
    if (trusted_before_.empty()) {
      unsetenv("SSL_CERT_FILE");
    } else {
      setenv("SSL_CERT_FILE", trusted_before_.c_str(), 1);
    }
  }

  static void trust(const files::path& certificate) {
    setenv("SSL_CERT_FILE", certificate.c_str(), 1);
  }
  static Address tls(std::uint16_t port, std::string_view host = "127.0.0.1") {
    return parse_address(driver().address, fmt::format("amqps://{}:{}", host, port));
  }
  // Where the server keeps its own files, with which they go.
  static files::path folder() { return variable("HOME"); }

  inline static std::uint16_t for_address_ = 0;
  inline static std::uint16_t for_name_ = 0;

 private:
  static bool listen() {
    for_address_ = free_port();
    for_name_ = free_port();
    const std::string there = folder().string();
    return make_certificate(there, "address", "IP:127.0.0.1") &&
           make_certificate(there, "name", "DNS:localhost") &&
           make_certificate(there, "other", "IP:127.0.0.1") &&
           control("eval_file", "rabbit_networking:ensure_ssl(), " +
                                    listener(for_address_, "address") + ", " +
                                    listener(for_name_, "name") + ".");
  }
  static std::string listener(std::uint16_t port, std::string_view certificate) {
    return fmt::format(R"(ok = rabbit_networking:start_ssl_listener({{"127.0.0.1", {2}}}, )"
                       R"([{{certfile, "{0}/{1}.pem"}}, {{keyfile, "{0}/{1}.key"}}], 1))",
                       folder().string(), certificate, port);
  }

  const std::string trusted_before_ = [] {
    const char* const file = std::getenv("SSL_CERT_FILE");
    return std::string(file != nullptr ? file : "");
  }();
};

TEST_F(RabbitmqTls, CarriesARun) {
  const auto broker = opened(tls(for_address_));
  OneRun run(*broker, 5000);
  const RunReport report = run.execute();
  EXPECT_TRUE(report.clean());
  EXPECT_EQ(report.total.delivered, report.total.expected);
  EXPECT_THAT(broker->troubles().take(), testing::IsEmpty());
}

TEST_F(RabbitmqTls, LooksAtTheCertificate) {
  EXPECT_NO_THROW(opened(tls(for_address_)));
  trust(folder() / "other.pem");
  expect_error([&] { opened(tls(for_address_)); }, {"certificate", "SSL_CERT_FILE"});
}

TEST_F(RabbitmqTls, LooksForTheHostInTheCertificate) {
  trust(folder() / "name.pem");
  EXPECT_NO_THROW(opened(tls(for_name_, "localhost")));
  expect_error([&] { opened(tls(for_name_)); }, {"certificate", "mismatch"});
}

TEST_F(RabbitmqTls, IsNotDoneWithout) {
  expect_error([&] { opened(tls(port())); }, {"TLS", "check the port"});
  const Address plain =
      parse_address(driver().address, fmt::format("amqp://127.0.0.1:{}", for_address_));
  expect_error([&] { opened(plain); }, {"for TLS give amqps://"});
}

// The handshake may end in any call, one that writes or one that reads: after the first that could
// not write there is always more to read.
TEST_F(RabbitmqTls, OpensHoweverItsBytesAreCut) {
  constexpr std::size_t kMostAtOnce = 3;
  const TcpProxy proxy(for_address_, {}, kMostAtOnce);
  await_more_after_writing = true;
  for (int time = 0; time < 10; ++time) {
    EXPECT_NO_THROW(opened(tls(proxy.port()), 10 * kSecond)) << time;
  }
  await_more_after_writing = false;
}

}  // namespace
}  // namespace spate::drivers
