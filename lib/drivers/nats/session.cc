#include "session.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>

#include "greeting.h"
#include "spate/clock.h"
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

// What an attempt that is one of many may take: so long, and so many times as long as the server
// needed for the same.
constexpr std::int64_t kBriefNs = 500'000'000;
constexpr std::int64_t kTimesAsLong = 10;

// The library writes what it is not asked about to the standard error output, unless somebody takes
// it. Statuses and natsConnection_GetLastError say the same.
void ignore_error(natsConnection* /*connection*/, natsSubscription* /*subscription*/,
                  natsStatus /*status*/, void* /*closure*/) {}

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
    case NATS_TIMEOUT:
      return "it did not answer in time; look at the server, and at the port";
    case NATS_SSL_ERROR:
      return "its certificate must be for this host; give ca=FILE where none of the authorities "
             "that "
             "this machine knows has signed it";
    default:
      return "it must be a NATS server, of version 2.9 or later, that is ready";
  }
}

// What the library says of that status in this thread, without the place in its source. Of some it
// says nothing, and what it said last is of an earlier one.
std::string reason_of(natsStatus status) {
  natsStatus said_of = NATS_OK;
  const char* const text = nats_GetLastError(&said_of);
  const std::string_view said = text == nullptr || said_of != status ? "" : text;
  const std::size_t place_end = said.starts_with('(') ? said.find("): ") : std::string_view::npos;
  const std::string_view reason =
      place_end == std::string_view::npos ? said : said.substr(place_end + 3);
  return std::string(reason.empty() ? natsStatus_GetText(status) : reason);
}

// The library looks at the server's certificate, and at the host's name in it.
void use_tls(const Address& address, natsOptions& options) {
  if (const natsStatus status = natsOptions_SetSecure(&options, true); status != NATS_OK) {
    throw Error(fmt::format("nats: tls:// needs a client library with TLS: {}", reason_of(status)));
  }
  const auto authorities = address.settings.find("ca");
  if (authorities == address.settings.end()) {
    return;
  }
  const std::string& file = authorities->second;
  if (const natsStatus status = natsOptions_LoadCATrustedCertificates(&options, file.c_str());
      status != NATS_OK) {
    throw Error(fmt::format("nats: ca={}: {}; give a file of certificates in PEM format", file,
                            reason_of(status)));
  }
}

void use_credentials(const Address& address, natsOptions& options) {
  if (!address.user.empty()) {
    natsOptions_SetUserInfo(&options, address.user.c_str(), address.password.c_str());
  } else if (!address.password.empty()) {
    natsOptions_SetToken(&options, address.password.c_str());
  }
}

// Who we are, and where the server is: that one and no other of its cluster.
Options options_for(const Address& address, const Endpoint& server, std::int64_t timeout_ns) {
  natsOptions* raw = nullptr;
  if (const natsStatus status = natsOptions_Create(&raw); status != NATS_OK) {
    throw Error(fmt::format("nats: {}", reason_of(status)));
  }
  Options options(raw);
  natsOptions_SetURL(raw, fmt::format("{}://{}", address.scheme, server.text()).c_str());
  natsOptions_SetIgnoreDiscoveredServers(raw, true);
  natsOptions_SetTimeout(raw, milliseconds(timeout_ns));
  natsOptions_SetAllowReconnect(raw, false);
  natsOptions_SetErrorHandler(raw, ignore_error, nullptr);
  natsOptions_SetName(raw, "spate");
  if (has_tls(address)) {
    use_tls(address, *raw);
  }
  use_credentials(address, *raw);
  return options;
}

}  // namespace

std::int64_t milliseconds(std::int64_t ns) { return std::max<std::int64_t>(ns / 1'000'000, 1); }

Connection connect(const Address& address, const Attempt& attempt,
                   const std::function<void(natsOptions& options)>& further) {
  const SteadyClock clock;
  const std::int64_t began_ns = clock.now_ns();
  const Greeting greeting(address, attempt.limit_ns);
  const std::int64_t brief_ns = kBriefNs + kTimesAsLong * (clock.now_ns() - began_ns);
  const Options options =
      options_for(address, greeting.server(),
                  attempt.one_of_many ? std::min(attempt.limit_ns, brief_ns) : attempt.limit_ns);
  if (further) {
    further(*options);
  }
  natsConnection* raw = nullptr;
  const natsStatus status = natsConnection_Connect(&raw, options.get());
  if (status != NATS_OK) {
    throw Error(fmt::format("nats: the server at {} does not let us in: {}; {}", address.shown(),
                            reason_of(status), advice(status, {})));
  }
  return Connection(raw);
}

std::string server_id_of(natsConnection& connection) {
  std::array<char, 64> id{};
  natsConnection_GetConnectedServerId(&connection, id.data(), id.size());
  return id.data();
}

Session::Session(const Address& address, const Attempt& attempt)
    : shown_(address.shown()),
      timeout_ms_(milliseconds(attempt.limit_ns)),
      connection_(connect(address, attempt)) {
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
  std::string why = reason_of(status);
  const char* complaint = "";
  if (natsConnection_GetLastError(connection_.get(), &complaint) == NATS_NOT_PERMITTED) {
    status = NATS_NOT_PERMITTED;
    why = complaint;
  }
  throw Error(fmt::format("nats: the server at {} does not {}: {}; {}", shown_, what, why,
                          advice(status, code)));
}

// What nobody listens to goes nowhere; but the server complains when it is forbidden. Should there
// be a stream of that name: a request to remove something has no body, and one for messages has a
// number; what is none of them is refused.
void Session::check_permissions() {
  natsSubscription* raw = nullptr;
  demand(natsConnection_SubscribeSync(&raw, connection_.get(), "_INBOX.spate-probe"), {},
         "let us subscribe");
  const Subscription subscription(raw);
  constexpr std::string_view kNoRequest = "probe";
  for (const char* const subject :
       {"spate.probe", "$JS.ACK.spate-probe", "$JS.API.CONSUMER.MSG.NEXT.spate-probe.x",
        "$JS.API.CONSUMER.DELETE.spate-probe.x", "$JS.API.STREAM.DELETE.spate-probe"}) {
    demand(natsConnection_Publish(connection_.get(), subject, kNoRequest.data(),
                                  static_cast<int>(kNoRequest.size())),
           {}, "let us publish");
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
  demand_stream(js_AddStream, name, subject, storage);
}

void Session::demand_stream(WayToSetUp* set_up, const std::string& name, const std::string& subject,
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
  const natsStatus status = set_up(nullptr, jetstream_.get(), &config, nullptr, &code);
  demand(status, code, "make a stream");
}

bool Session::has_stream(const std::string& name, const std::string& subject) {
  jsErrCode code{};
  jsStreamInfo* raw = nullptr;
  const natsStatus status = js_GetStreamInfo(&raw, jetstream_.get(), name.c_str(), nullptr, &code);
  const std::unique_ptr<jsStreamInfo, Destroy<jsStreamInfo_Destroy>> info(raw);
  if (code == JSStreamNotFoundErr) {
    return false;
  }
  demand(status, code, "tell of a stream");
  return info->Config->SubjectsLen == 1 && info->Config->Subjects[0] == subject;
}

void Session::make_stream_read_by(const Reader& reader, const std::string& subject,
                                  const Storage& storage) {
  make_stream(reader.stream, subject + ".not-yet", storage);
  make_reader(reader);
  demand_stream(js_UpdateStream, reader.stream, subject, storage);
}

void Session::remove_stream(const std::string& name) {
  jsErrCode code{};
  const natsStatus status = js_DeleteStream(jetstream_.get(), name.c_str(), nullptr, &code);
  if (code != JSStreamNotFoundErr) {
    demand(status, code, "remove a stream");
  }
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
  if (code != JSConsumerNotFoundErr) {
    demand(status, code, "remove a consumer");
  }
}

}  // namespace spate::drivers::nats
