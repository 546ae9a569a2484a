#include "client.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "spate/clock.h"
#include "spate/error.h"

namespace spate::drivers::kafka {
namespace {

constexpr std::int64_t kMostMs = 300'000;
// The library doubles the time between attempts, from the one to the other, and takes 75 … 150 % of
// it by chance. So a broker that came back is found soon after; its own most is 10 s.
constexpr std::int64_t kLeastBetweenAttemptsMs = Backoff::kBaseNs / 1'000'000;
constexpr std::int64_t kMostBetweenAttemptsMs = Backoff::kCapNs / 1'000'000;
constexpr std::int64_t kLeastSetupMs = 1000;  // the library allows no less
constexpr int kBetweenLooksMs = 20;

using Conf = std::unique_ptr<rd_kafka_conf_t, Destroy<rd_kafka_conf_destroy>>;

// The errors are told besides, and told better: see tell_error.
void drop_log(const rd_kafka_t* /*client*/, int /*level*/, const char* /*facility*/,
              const char* /*line*/) {}

// "…: Connection refused (after 0ms in state CONNECT, 3 identical error(s) suppressed)": without
// what differs from time to time, so that the same trouble is the same line, and without the
// library's guesses at what might be configured wrongly, which are for a first connection.
std::string plain(std::string_view text) {
  for (const std::string_view end : {" (after ", ": verify ", ": might be ", ": probably "}) {
    text = text.substr(0, text.find(end));
  }
  return std::string(text);
}

Listener& listener(void* whom) { return static_cast<CalledBack*>(whom)->listener; }

void tell_error(rd_kafka_t* /*client*/, int code, const char* text, void* whom) {
  listener(whom).failed(static_cast<rd_kafka_resp_err_t>(code), plain(text));
}

void tell_end(rd_kafka_t* /*client*/, const rd_kafka_message_t* message, void* whom) {
  listener(whom).ended(*message);
}

void tell_commit(rd_kafka_t* /*client*/, rd_kafka_resp_err_t code,
                 rd_kafka_topic_partition_list_t* /*offsets*/, void* whom) {
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR && code != RD_KAFKA_RESP_ERR__NO_OFFSET) {
    listener(whom).not_acknowledged(code);
  }
}

// On a thread of the library's.
int connect_socket(int socket, const sockaddr* server, int size, const char* /*broker*/,
                   void* whom) {
  return connect_by(static_cast<CalledBack*>(whom)->detour, socket, *server,
                    static_cast<socklen_t>(size));
}

// The value may be a password: it stands in no text.
void set(rd_kafka_conf_t& conf, const char* name, const std::string& value) {
  std::array<char, 512> why{};
  if (rd_kafka_conf_set(&conf, name, value.c_str(), why.data(), why.size()) != RD_KAFKA_CONF_OK) {
    throw Error(fmt::format("kafka: librdkafka {} does not take the setting {} as it is asked for",
                            rd_kafka_version_str(), name));
  }
}

std::string hosts(const Address& address) {
  std::string text;
  for (const Endpoint& endpoint : address.endpoints) {
    text += fmt::format("{}{}", text.empty() ? "" : ",", endpoint.text());
  }
  return text;
}

// Throws Error where the library was built without it.
void need(const rd_kafka_conf_t& conf, std::string_view feature, std::string_view what) {
  std::array<char, 512> features{};
  std::size_t size = features.size();
  rd_kafka_conf_get(&conf, "builtin.features", features.data(), &size);
  if (std::string_view(features.data()).find(feature) == std::string_view::npos) {
    throw Error(fmt::format("kafka: {}, which this build's librdkafka {} does not have", what,
                            rd_kafka_version_str()));
  }
}

void set_security(rd_kafka_conf_t& conf, const Address& address) {
  const bool encrypted = address.scheme == "kafkas";
  if (encrypted) {
    need(conf, "ssl", "kafkas:// needs TLS");
  }
  if (address.user.empty() && address.password.empty()) {
    set(conf, "security.protocol", encrypted ? "ssl" : "plaintext");
    return;
  }
  if (address.user.empty() || address.password.empty()) {
    throw Error(
        fmt::format("kafka: the address has a {}; give kafka://user:password@host",
                    address.user.empty() ? "password without a user" : "user without a password"));
  }
  need(conf, "sasl_plain", "a user needs SASL PLAIN");
  set(conf, "security.protocol", encrypted ? "sasl_ssl" : "sasl_plaintext");
  set(conf, "sasl.mechanism", "PLAIN");
  set(conf, "sasl.username", address.user);
  set(conf, "sasl.password", address.password);
}

void set_times(rd_kafka_conf_t& conf, std::int64_t timeout_ns, std::int64_t setup_ns) {
  const int timeout_ms = milliseconds(timeout_ns);
  const int setup_ms = milliseconds(setup_ns);
  set(conf, "socket.timeout.ms", fmt::to_string(std::max(timeout_ms, 10)));
  set(conf, "api.version.request.timeout.ms", fmt::to_string(setup_ms));
  set(conf, "socket.connection.setup.timeout.ms",
      fmt::to_string(std::max<std::int64_t>(setup_ms, kLeastSetupMs)));
  set(conf, "reconnect.backoff.ms", fmt::to_string(kLeastBetweenAttemptsMs));
  set(conf, "reconnect.backoff.max.ms", fmt::to_string(kMostBetweenAttemptsMs));
}

}  // namespace

int milliseconds(std::int64_t ns) {
  return static_cast<int>(std::clamp<std::int64_t>(ns / 1'000'000, 1, kMostMs));
}

bool WritesDown::is_lost(rd_kafka_resp_err_t code, std::string_view text) {
  switch (code) {
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__RESOLVE:
    case RD_KAFKA_RESP_ERR__SSL:
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
      return text.find("/bootstrap: ") == std::string_view::npos;
    default:
      return false;
  }
}

void WritesDown::failed(rd_kafka_resp_err_t code, const std::string& text) noexcept {
  if (is_lost(code, text)) {
    troubles_.add(fmt::format("kafka: the connection is lost: {}", text));
  } else if (code > RD_KAFKA_RESP_ERR_NO_ERROR || code == RD_KAFKA_RESP_ERR__FATAL) {
    troubles_.add(fmt::format("kafka: {}", text));  // a broker's answer, or the library's end
  }
}

void WritesDown::not_acknowledged(rd_kafka_resp_err_t code) noexcept {
  troubles_.add(
      fmt::format("kafka: what was read could not be acknowledged: {}", rd_kafka_err2str(code)));
}

void DestroyClient::operator()(rd_kafka_t* client) const noexcept {
  // What is under way would be waited for, and a consumer would say goodbye to its group, which is
  // about to be removed: neither is worth a wait for a server that may be gone.
  if (rd_kafka_type(client) == RD_KAFKA_PRODUCER) {
    rd_kafka_purge(
        client, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING);
  }
  rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

Client::Client(rd_kafka_type_t kind, const Connection& connection, std::int64_t setup_ns,
               std::initializer_list<Property> properties, Listener& listener)
    : connection_(connection),
      called_back_(std::make_unique<CalledBack>(CalledBack{listener, connection.detour})) {
  Conf conf(rd_kafka_conf_new());
  set(*conf, "client.id", "spate");
  // Else a request may wait 40 ms for the answer to the one before it.
  set(*conf, "socket.nagle.disable", "true");
  set(*conf, "bootstrap.servers", hosts(connection.address));
  set_security(*conf, connection.address);
  set_times(*conf, connection.timeout_ns, setup_ns);
  for (const auto& [name, value] : properties) {
    set(*conf, name, value);
  }
  rd_kafka_conf_set_opaque(conf.get(), called_back_.get());
  if (connection.detour) {
    rd_kafka_conf_set_connect_cb(conf.get(), connect_socket);
  }
  rd_kafka_conf_set_log_cb(conf.get(), drop_log);
  rd_kafka_conf_set_error_cb(conf.get(), tell_error);
  if (kind == RD_KAFKA_PRODUCER) {
    rd_kafka_conf_set_dr_msg_cb(conf.get(), tell_end);
  } else {
    rd_kafka_conf_set_offset_commit_cb(conf.get(), tell_commit);
  }
  std::array<char, 512> why{};
  client_.reset(rd_kafka_new(kind, conf.get(), why.data(), why.size()));
  if (client_ == nullptr) {
    throw Error(fmt::format("kafka: librdkafka {} makes no client: {}", rd_kafka_version_str(),
                            why.data()));
  }
  static_cast<void>(conf.release());  // it is the client's now
}

Topic Client::topic(const std::string& name) {
  Topic topic(rd_kafka_topic_new(client_.get(), name.c_str(), nullptr));
  if (topic == nullptr) {
    throw Error(fmt::format("kafka: the topic {} cannot be used: {}", name,
                            rd_kafka_err2str(rd_kafka_last_error())));
  }
  return topic;
}

void Client::reach(const std::string& topic, std::int32_t partition) {
  const SteadyClock clock;
  const std::int64_t deadline_ns = clock.now_ns() + connection_.timeout_ns;
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN;
  std::int64_t left_ns = connection_.timeout_ns;
  // The library says that all are down when it has tried one of them.
  while (error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN && left_ns > 0) {
    std::int64_t low = 0;
    std::int64_t high = 0;
    error = rd_kafka_query_watermark_offsets(client_.get(), topic.c_str(), partition, &low, &high,
                                             milliseconds(left_ns));
    rd_kafka_poll(client_.get(), error == RD_KAFKA_RESP_ERR_NO_ERROR ? 0 : kBetweenLooksMs);
    left_ns = deadline_ns - clock.now_ns();
  }
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    throw Error(fmt::format("kafka: no broker of {} answers for partition {} of the topic {}: {}",
                            connection_.address.shown(), partition, topic,
                            rd_kafka_err2str(error)));
  }
}

}  // namespace spate::drivers::kafka
