// What a Kafka cluster may have against being opened: those here are none, and answer as such what
// the stand-in cannot.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "spate/drivers/broker.h"
#include "support/expect_error.h"
#include "support/runs.h"
#include "support/strange_server.h"

namespace spate::drivers {
namespace {

using namespace testing_support;

const Driver& driver() { return driver_named("kafka"); }

Address address_of(const std::string& url) { return parse_address(driver().address, url); }

TEST(KafkaAddress, SaysThatThereIsNoTls) {
  const StrangeServer server("HTTP/1.1 400 Bad Request\r\n\r\n");
  expect_error(
      [&] { driver().open({address_of(fmt::format("kafkas://127.0.0.1:{}", server.port()))}); },
      {"no TLS with the server", "check the port"});
}

std::string number(std::size_t bytes, std::uint32_t value) {
  std::string text;
  while (bytes-- > 0) {
    text += static_cast<char>(value >> 8 * bytes);
  }
  return text;
}

// In Kafka's protocol: the kind of a request, whether it is of a newer version, and its answer.
std::uint32_t kind_of(std::string_view request) {
  return static_cast<std::uint32_t>(request.at(5));
}
bool is_newer(std::string_view request) { return request.at(7) != 0; }
std::string answer_to(std::string_view request, std::string_view body) {
  return fmt::format("{}{}{}", number(4, static_cast<std::uint32_t>(4 + body.size())),
                     request.substr(8, 4), body);
}
constexpr std::uint32_t kApiVersions = 18;
// Which requests it knows, each up to a version.
std::string known(std::string_view request, std::initializer_list<std::pair<int, int>> kinds) {
  std::string body = number(2, is_newer(request) ? RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION : 0) +
                     number(4, static_cast<std::uint32_t>(kinds.size()));
  for (const auto& [kind, version] : kinds) {
    body += number(2, static_cast<std::uint32_t>(kind)) + number(2, 0) +
            number(2, static_cast<std::uint32_t>(version));
  }
  return answer_to(request, body);
}

// What it says to everybody, in Kafka's protocol: that it knows of passwords, and that this is not
// the right one.
std::string refuse_password(std::string_view request) {
  constexpr int kSaslHandshake = 17;
  constexpr int kSaslAuthenticate = 36;
  if (kind_of(request) == kApiVersions) {
    return known(request, {{kSaslHandshake, 1}, {kApiVersions, 0}, {kSaslAuthenticate, 0}});
  }
  if (kind_of(request) == kSaslHandshake) {
    return answer_to(request, number(2, 0) + number(4, 1) + number(2, 5) + "PLAIN");
  }
  const std::string why = "Authentication failed: Invalid username or password";
  return answer_to(request, number(2, RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED) +
                                number(2, static_cast<std::uint32_t>(why.size())) + why +
                                number(4, 0));
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

// The first, in which it is asked twice, takes longer than the library gives to those of a run.
// (It looks at that once a second.)
TEST(KafkaAddress, GivesEachStepTheWholeTimeout) {
  const StrangeServer server([](std::string_view request) {
    if (kind_of(request) == kApiVersions) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1600));
    }
    return refuse_password(request);
  });
  expect_error(
      [&] {
        driver().open({address_of(fmt::format("kafka://ann:secret@127.0.0.1:{}", server.port())),
                       4 * kSecond});
      },
      {"Invalid username or password", "check user and password"});
}

// Of its one broker, which makes topics: a port where nobody listens.
std::string name_nobody(std::string_view request) {
  constexpr int kMetadata = 3;
  constexpr int kCreateTopics = 19;
  if (kind_of(request) == kApiVersions) {
    return known(request, {{kMetadata, 1}, {kApiVersions, 0}, {kCreateTopics, 4}});
  }
  const std::string host = "127.0.0.1";
  constexpr std::uint32_t kNull = 0xffff;
  return answer_to(request, number(4, 1) + number(4, 1) +
                                number(2, static_cast<std::uint32_t>(host.size())) + host +
                                number(4, 1) + number(2, kNull) + number(4, 1) + number(4, 0));
}

TEST(KafkaAddress, LooksAtWhatTheBrokersAdvertise) {
  const StrangeServer server(name_nobody);
  expect_error(
      [&] {
        driver().open({address_of(fmt::format("kafka://127.0.0.1:{}", server.port())), kSecond});
      },
      {"127.0.0.1:1", "advertised.listeners"});
}

}  // namespace
}  // namespace spate::drivers
