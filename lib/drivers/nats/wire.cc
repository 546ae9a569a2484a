#include "wire.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <utility>

#include "session.h"
#include "spate/error.h"

namespace spate::drivers::nats {
namespace {

constexpr int kBufferBytes = 1 << 16;

}  // namespace

Wire::Wire(const Address& address, std::int64_t timeout_ns,
           const std::vector<std::string>& subjects)
    : tls_(has_tls(address)) {
  const Options options = options_for(address, timeout_ns);
  natsOptions_SetEventLoop(options.get(), this, attach, want_read, want_write, detach);
  natsOptions_SetSendAsap(options.get(), true);   // no thread that writes
  natsOptions_SetPingInterval(options.get(), 0);  // nor a timer's
  natsOptions_SetIOBufSize(options.get(), kBufferBytes);
  connection_ = connect(address, *options);
  for (const std::string& subject : subjects) {
    natsSubscription* raw = nullptr;
    if (natsConnection_SubscribeSync(&raw, connection_.get(), subject.c_str()) != NATS_OK) {
      throw Error(fmt::format("nats: {} cannot be subscribed to: {}", subject, why_lost()));
    }
    listening_.push_back({Subscription(raw)});
    natsSubscription_SetPendingLimits(raw, -1, -1);  // what may come is bounded otherwise
  }
  write();
}

// A connection that stands is not closed at once: the library would wait for the server to confirm
// what was written, and nobody would read that. One that its peer has left is.
Wire::~Wire() {
  if (!lost_) {
    shutdown(socket_, SHUT_RDWR);
  }
  while (!lost_) {
    read();
  }
}

natsStatus Wire::attach(void** user, void* loop, natsConnection* /*connection*/, natsSock socket) {
  *user = loop;
  static_cast<Wire*>(loop)->socket_ = socket;
  return NATS_OK;
}

natsStatus Wire::want_read(void* /*user*/, bool /*wanted*/) { return NATS_OK; }

natsStatus Wire::want_write(void* user, bool wanted) {
  static_cast<Wire*>(user)->write_wanted_ = wanted;
  return NATS_OK;
}

natsStatus Wire::detach(void* user) {
  static_cast<Wire*>(user)->lost_ = true;
  return NATS_OK;
}

std::string Wire::why_lost() const {
  const std::string said = complaint();
  return said.empty() ? "the server closed it" : said;
}

std::string Wire::complaint() const {
  const char* text = "";
  return natsConnection_GetLastError(connection_.get(), &text) == NATS_OK ? "" : text;
}

void Wire::publish(const char* subject, const char* reply,
                   std::span<const std::byte> body) noexcept {
  const int size = static_cast<int>(body.size());
  if (reply == nullptr) {
    natsConnection_Publish(connection_.get(), subject, body.data(), size);
  } else {
    natsConnection_PublishRequest(connection_.get(), subject, reply, body.data(), size);
  }
  unwritten_bytes_ += body.size();
}

// Without TLS it finds out by itself.
bool Wire::ready(short event) const {
  pollfd wanted{socket_, event, 0};
  return !lost_ && (!tls_ || poll(&wanted, 1, 0) > 0);
}

void Wire::write() noexcept {
  if (write_wanted_ && ready(POLLOUT)) {
    natsConnection_ProcessWriteEvent(connection_.get());
    unwritten_bytes_ =
        static_cast<std::size_t>(std::max(0, natsConnection_Buffered(connection_.get())));
  }
}

void Wire::read() noexcept {
  if (ready(POLLIN)) {
    natsConnection_ProcessReadEvent(connection_.get());
  }
}

Incoming Wire::next(std::size_t subject) noexcept {
  Listening& listening = listening_[subject];
  if (listening.waiting == 0) {
    int bytes = 0;
    natsSubscription_GetPending(listening.subscription.get(), &listening.waiting, &bytes);
  }
  natsMsg* raw = nullptr;
  while (listening.waiting > 0 && raw == nullptr) {
    --listening.waiting;
    const natsStatus status = natsSubscription_NextMsg(&raw, listening.subscription.get(), 0);
    unheard_ = unheard_ || status == NATS_NO_RESPONDERS;
  }
  return Incoming(raw);
}

}  // namespace spate::drivers::nats
