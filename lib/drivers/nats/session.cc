#include "session.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "spate/error.h"

namespace spate::drivers::nats {
namespace {

constexpr std::int64_t kMinuteNs = 60'000'000'000;
// Should we never come to removing them: what a stream holds after so long, and a reader that
// nobody listens to. (An empty stream stays; the server has no such setting for it.)
constexpr std::int64_t kMessagesLiveNs = 60 * kMinuteNs;
constexpr std::int64_t kReadersLiveNs = 10 * kMinuteNs;
// What was sent to a reader comes again when its connection is lost, by making a new reader; never
// because it took long, which would only be doubled then.
constexpr std::int64_t kNoRedeliveryNs = 1440 * kMinuteNs;

// The library writes what it is not asked about to the standard error output, unless somebody takes
// it. Statuses and natsConnection_GetLastError say the same.
void ignore_error(natsConnection* /*connection*/, natsSubscription* /*subscription*/,
                  natsStatus /*status*/, void* /*closure*/) {}

std::vector<std::string> urls_of(const Address& address) {
  std::vector<std::string> urls;
  for (const Endpoint& server : address.endpoints) {
    const bool six = server.host.find(':') != std::string::npos;
    urls.push_back(fmt::format("{}://{}{}{}:{}", address.scheme, six ? "[" : "", server.host,
                               six ? "]" : "", server.port));
  }
  return urls;
}

constexpr std::string_view kWhatToAllow =
    "allow this user to publish to spate.>, $JS.API.> and $JS.ACK.>, and to subscribe to _INBOX.>";

std::string_view advice(natsStatus status, jsErrCode code) {
  if (code == JSStreamReplicasNotSupportedErr) {
    return "give replicas=1, or the address of a cluster";
  }
  if (code != 0) {
    return "look at the limits of JetStream and of this account";
  }
  switch (status) {
    case NATS_CONNECTION_AUTH_FAILED:
      return "check user and password, or the token, of the address: nats://user:password@host or "
             "nats://TOKEN@host";
    case NATS_NOT_PERMITTED:
      return kWhatToAllow;
    case NATS_SSL_ERROR:
      return "its certificate must be for this host; give ca=FILE where none of the authorities "
             "that "
             "this machine knows has signed it";
    default:
      return "it must be a NATS server, of version 2.9 or later, that is ready";
  }
}

// What the library says last in this thread, without the place in its source.
std::string last_error() {
  natsStatus status = NATS_OK;
  const char* const text = nats_GetLastError(&status);
  const std::string_view said = text == nullptr ? "" : text;
  const std::size_t place_end = said.starts_with('(') ? said.find("): ") : std::string_view::npos;
  return std::string(place_end == std::string_view::npos ? said : said.substr(place_end + 3));
}

// The library looks at the server's certificate, and at the host's name in it.
void use_tls(const Address& address, natsOptions& options) {
  if (natsOptions_SetSecure(&options, true) != NATS_OK) {
    throw Error(fmt::format("nats: tls:// needs a client library with TLS: {}", last_error()));
  }
  const auto authorities = address.settings.find("ca");
  if (authorities != address.settings.end() &&
      natsOptions_LoadCATrustedCertificates(&options, authorities->second.c_str()) != NATS_OK) {
    throw Error(fmt::format("nats: ca={}: {}; give a file of certificates in PEM format",
                            authorities->second, last_error()));
  }
}

std::int64_t milliseconds(std::int64_t ns) { return std::max<std::int64_t>(ns / 1'000'000, 1); }

}  // namespace

Options options_for(const Address& address, std::int64_t timeout_ns) {
  natsOptions* raw = nullptr;
  if (natsOptions_Create(&raw) != NATS_OK) {
    throw Error(fmt::format("nats: {}", last_error()));
  }
  Options options(raw);
  const std::vector<std::string> urls = urls_of(address);
  std::vector<const char*> servers;
  servers.reserve(urls.size());
  for (const std::string& url : urls) {
    servers.push_back(url.c_str());
  }
  natsOptions_SetServers(raw, servers.data(), static_cast<int>(servers.size()));
  natsOptions_SetNoRandomize(raw, true);
  natsOptions_SetTimeout(raw, milliseconds(timeout_ns));
  natsOptions_SetAllowReconnect(raw, false);
  natsOptions_SetErrorHandler(raw, ignore_error, nullptr);
  natsOptions_SetName(raw, "spate");
  if (has_tls(address)) {
    use_tls(address, *raw);
  }
  if (!address.user.empty()) {
    natsOptions_SetUserInfo(raw, address.user.c_str(), address.password.c_str());
  } else if (!address.password.empty()) {
    natsOptions_SetToken(raw, address.password.c_str());
  }
  return options;
}

Connection connect(const Address& address, natsOptions& options) {
  natsConnection* raw = nullptr;
  const natsStatus status = natsConnection_Connect(&raw, &options);
  if (status != NATS_OK) {
    throw Error(fmt::format("nats: the server at {} does not let us in: {}; {}", address.shown(),
                            last_error(), advice(status, {})));
  }
  return Connection(raw);
}

Session::Session(const Address& address, std::int64_t timeout_ns)
    : shown_(address.shown()),
      timeout_ms_(milliseconds(timeout_ns)),
      connection_(connect(address, *options_for(address, timeout_ns))) {
  jsOptions options;
  jsOptions_Init(&options);
  options.Wait = timeout_ms_;
  jsCtx* raw = nullptr;
  demand(natsConnection_JetStream(&raw, connection_.get(), &options), {}, "use JetStream");
  jetstream_.reset(raw);
}

// A forbidden request has no answer; what was forbidden the connection knows.
void Session::demand(natsStatus status, jsErrCode code, std::string_view what) {
  if (status == NATS_OK) {
    return;
  }
  std::string why = last_error();
  const char* complaint = "";
  if (natsConnection_GetLastError(connection_.get(), &complaint) == NATS_NOT_PERMITTED) {
    status = NATS_NOT_PERMITTED;
    why = complaint;
  }
  throw Error(fmt::format("nats: the server at {} does not {}: {}; {}", shown_, what, why,
                          advice(status, code)));
}

// What nobody listens to goes nowhere; but the server complains when it is forbidden.
void Session::check_permissions() {
  natsSubscription* raw = nullptr;
  demand(natsConnection_SubscribeSync(&raw, connection_.get(), "_INBOX.spate-probe"), {},
         "let us subscribe");
  const Subscription subscription(raw);
  for (const char* const subject : {"spate.probe", "$JS.ACK.spate-probe"}) {
    demand(natsConnection_Publish(connection_.get(), subject, nullptr, 0), {}, "let us publish");
  }
  demand(natsConnection_FlushTimeout(connection_.get(), timeout_ms_), {}, "answer");
  const char* complaint = "";
  if (natsConnection_GetLastError(connection_.get(), &complaint) != NATS_OK) {
    throw Error(fmt::format("nats: the server at {} does not let us work: {}; {}", shown_,
                            complaint, kWhatToAllow));
  }
}

void Session::check_jetstream() {
  jsAccountInfo* info = nullptr;
  jsErrCode code{};
  const natsStatus status = js_GetAccountInfo(&info, jetstream_.get(), nullptr, &code);
  jsAccountInfo_Destroy(info);
  if (status == NATS_NO_RESPONDERS || code == JSNotEnabledErr ||
      code == JSNotEnabledForAccountErr) {
    throw Error(
        fmt::format("nats: the server at {} is without JetStream{}; start it with: nats-server -js",
                    shown_, code == JSNotEnabledForAccountErr ? " for this account" : ""));
  }
  demand(status, code, "say whether JetStream may be used");
}

void Session::make_stream(const std::string& name, const std::string& subject,
                          const Storage& storage) {
  const char* subjects = subject.c_str();
  jsStreamConfig config;
  jsStreamConfig_Init(&config);
  config.Name = name.c_str();
  config.Subjects = &subjects;
  config.SubjectsLen = 1;
  // What its one reader has acknowledged leaves the stream.
  config.Retention = js_InterestPolicy;
  config.MaxAge = kMessagesLiveNs;
  config.Storage = storage.file ? js_FileStorage : js_MemoryStorage;
  config.Replicas = storage.replicas;
  jsErrCode code{};
  const natsStatus status = js_AddStream(nullptr, jetstream_.get(), &config, nullptr, &code);
  demand(status, code, "make a stream");
}

void Session::remove_stream(const std::string& name) {
  jsErrCode code{};
  const natsStatus status = js_DeleteStream(jetstream_.get(), name.c_str(), nullptr, &code);
  demand(status, code, "remove a stream");
}

void Session::make_reader(const Reader& reader) {
  jsConsumerConfig config;
  jsConsumerConfig_Init(&config);
  config.Durable = reader.name.c_str();
  config.DeliverPolicy = js_DeliverAll;
  config.AckPolicy = js_AckAll;
  config.AckWait = kNoRedeliveryNs;
  config.MaxAckPending = reader.most_unacknowledged;
  config.InactiveThreshold = kReadersLiveNs;
  jsErrCode code{};
  const natsStatus status =
      js_AddConsumer(nullptr, jetstream_.get(), reader.stream.c_str(), &config, nullptr, &code);
  demand(status, code, "make a consumer");
}

void Session::remove_reader(const std::string& stream, const std::string& name) {
  jsErrCode code{};
  const natsStatus status =
      js_DeleteConsumer(jetstream_.get(), stream.c_str(), name.c_str(), nullptr, &code);
  demand(status, code, "remove a consumer");
}

}  // namespace spate::drivers::nats
