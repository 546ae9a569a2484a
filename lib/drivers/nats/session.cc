#include "session.h"

#include <fmt/format.h>

#include <vector>

#include "spate/error.h"

namespace spate::drivers::nats {
namespace {

constexpr std::int64_t kSecondNs = 1'000'000'000;
// Should we never come to removing them: what a stream holds after so long, and a reader that
// nobody listens to. (An empty stream stays; the server has no such setting for it.)
constexpr std::int64_t kMessagesLiveNs = 3600 * kSecondNs;
constexpr std::int64_t kReadersLiveNs = 600 * kSecondNs;
// What was sent to a reader comes again when its connection is lost, by making a new reader; never
// because it took long, which would only be doubled then.
constexpr std::int64_t kNoRedeliveryNs = 24 * 3600 * kSecondNs;

// The library writes what it is not asked about to the standard error output, unless somebody takes
// it. Statuses and natsConnection_GetLastError say the same.
void ignore_error(natsConnection* /*connection*/, natsSubscription* /*subscription*/,
                  natsStatus /*status*/, void* /*closure*/) {}

std::vector<std::string> urls_of(const Address& address) {
  std::vector<std::string> urls;
  for (const Endpoint& server : address.endpoints) {
    const bool six = server.host.find(':') != std::string::npos;
    urls.push_back(
        fmt::format("nats://{}{}{}:{}", six ? "[" : "", server.host, six ? "]" : "", server.port));
  }
  return urls;
}

std::string advice(natsStatus status) {
  switch (status) {
    case NATS_CONNECTION_AUTH_FAILED:
      return "check user and password of the address: nats://user:password@host";
    case NATS_SECURE_CONNECTION_REQUIRED:
    case NATS_SSL_ERROR:
      return "it wants TLS, which this driver does not have; give the address of a tunnel";
    case NATS_NOT_PERMITTED:
    case NATS_TIMEOUT:
      return "allow this user to publish to $JS.API.>, $JS.ACK.> and spate-*.>, and to subscribe "
             "to "
             "_INBOX.>";
    case NATS_NO_SERVER:
    case NATS_IO_ERROR:
      return "start one, or give --start-brokers";
    default:
      return "it must be a NATS server, of version 2.9 or later, that is ready";
  }
}

const char* last_error() {
  natsStatus status = NATS_OK;
  return nats_GetLastError(&status);
}

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
  natsOptions_SetTimeout(raw, std::max<std::int64_t>(timeout_ns / 1'000'000, 1));
  natsOptions_SetAllowReconnect(raw, false);
  natsOptions_SetErrorHandler(raw, ignore_error, nullptr);
  natsOptions_SetName(raw, "spate");
  if (!address.password.empty()) {
    natsOptions_SetUserInfo(raw, address.user.c_str(), address.password.c_str());
  } else if (!address.user.empty()) {
    natsOptions_SetToken(raw, address.user.c_str());
  }
  return options;
}

Connection connect(const Address& address, natsOptions& options) {
  natsConnection* raw = nullptr;
  const natsStatus status = natsConnection_Connect(&raw, &options);
  if (status != NATS_OK) {
    throw Error(fmt::format("nats: the server at {} does not let us in: {}; {}", address.shown(),
                            last_error(), advice(status)));
  }
  return Connection(raw);
}

Session::Session(const Address& address, std::int64_t timeout_ns)
    : shown_(address.shown()), connection_(connect(address, *options_for(address, timeout_ns))) {
  jsOptions options;
  jsOptions_Init(&options);
  options.Wait = std::max<std::int64_t>(timeout_ns / 1'000'000, 1);
  jsCtx* raw = nullptr;
  demand(natsConnection_JetStream(&raw, connection_.get(), &options), "use JetStream");
  jetstream_.reset(raw);
}

// A forbidden request has no answer; what was forbidden the connection knows.
void Session::demand(natsStatus status, const std::string& what) {
  if (status == NATS_OK) {
    return;
  }
  std::string why = last_error();
  const char* of_connection = "";
  if (natsConnection_GetLastError(connection_.get(), &of_connection) == NATS_NOT_PERMITTED) {
    status = NATS_NOT_PERMITTED;
    why = of_connection;
  }
  throw Error(
      fmt::format("nats: the server at {} does not {}: {}; {}", shown_, what, why, advice(status)));
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
  demand(status, "say whether JetStream may be used");
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
  demand(js_AddStream(nullptr, jetstream_.get(), &config, nullptr, nullptr), "make a stream");
}

void Session::remove_stream(const std::string& name) {
  demand(js_DeleteStream(jetstream_.get(), name.c_str(), nullptr, nullptr), "remove a stream");
}

void Session::make_reader(const Reader& reader) {
  jsConsumerConfig config;
  jsConsumerConfig_Init(&config);
  config.Durable = reader.name.c_str();
  config.DeliverSubject = reader.deliver_to.c_str();
  config.DeliverPolicy = js_DeliverAll;
  config.AckPolicy = js_AckAll;
  config.AckWait = kNoRedeliveryNs;
  config.MaxAckPending = reader.most_unacknowledged;
  config.Heartbeat = reader.heartbeat_ns;
  config.InactiveThreshold = kReadersLiveNs;
  demand(
      js_AddConsumer(nullptr, jetstream_.get(), reader.stream.c_str(), &config, nullptr, nullptr),
      "make a consumer");
}

void Session::remove_reader(const std::string& stream, const std::string& name) {
  demand(js_DeleteConsumer(jetstream_.get(), stream.c_str(), name.c_str(), nullptr, nullptr),
         "remove a consumer");
}

}  // namespace spate::drivers::nats
