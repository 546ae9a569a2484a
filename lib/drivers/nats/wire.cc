#include "wire.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>

#include "greeting.h"
#include "spate/error.h"

namespace spate::drivers::nats {
namespace {

constexpr int kBufferBytes = 1 << 16;

// A record of TLS begins with its type, its version in two bytes, and how many bytes follow. All of
// it fits into a socket's buffer, unless somebody has made those smaller than 32 KiB.
bool has_whole_record(int socket) {
  std::array<unsigned char, 5> header{};
  if (recv(socket, header.data(), header.size(), MSG_PEEK | MSG_DONTWAIT) !=
      static_cast<ssize_t>(header.size())) {
    return false;
  }
  int there = 0;
  ioctl(socket, FIONREAD, &there);
  return there >= static_cast<int>(header.size()) + (header[3] << 8) + header[4];
}

}  // namespace

Wire::Wire(const Address& address, std::int64_t timeout_ns, const Attempt& attempt,
           const std::vector<std::string>& subjects)
    : tls_(has_tls(address)) {
  connection_ = connect(address, attempt, [&](natsOptions& options) {
    natsOptions_SetEventLoop(&options, this, attach, want_read, want_write, detach);
    natsOptions_SetSendAsap(&options, true);   // no thread that writes
    natsOptions_SetPingInterval(&options, 0);  // nor a timer's
    natsOptions_SetIOBufSize(&options, kBufferBytes);
    natsOptions_SetWriteDeadline(&options, milliseconds(timeout_ns));
  });
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
  const char* text = "";
  const bool late = natsConnection_GetLastError(connection_.get(), &text) == NATS_TIMEOUT;
  return late ? "it took no more within the timeout" : complaint_or("the server closed it");
}

std::string Wire::complaint_or(const char* otherwise) const {
  const char* text = "";
  const natsStatus status = natsConnection_GetLastError(connection_.get(), &text);
  return status == NATS_OK || *text == '\0' ? otherwise : text;
}

bool Wire::publish(const char* subject, const char* reply,
                   std::span<const std::byte> body) noexcept {
  const int size = static_cast<int>(body.size());
  const natsStatus status =
      reply == nullptr
          ? natsConnection_Publish(connection_.get(), subject, body.data(), size)
          : natsConnection_PublishRequest(connection_.get(), subject, reply, body.data(), size);
  if (status == NATS_MAX_PAYLOAD) {
    return false;
  }
  unwritten_bytes_ += body.size();
  return true;
}

// Without TLS the library finds out by itself.
bool Wire::may_write() const {
  pollfd writable{socket_, POLLOUT, 0};
  return !lost_ && (!tls_ || poll(&writable, 1, 0) > 0);
}

// When the other side has closed the connection no more of a record comes, and nobody waits for it.
bool Wire::may_read() const {
  pollfd readable{socket_, POLLIN | POLLRDHUP, 0};
  return !lost_ && (!tls_ || (poll(&readable, 1, 0) > 0 &&
                              (readable.revents != POLLIN || has_whole_record(socket_))));
}

void Wire::write() noexcept {
  if (write_wanted_ && may_write()) {
    natsConnection_ProcessWriteEvent(connection_.get());
    unwritten_bytes_ =
        static_cast<std::size_t>(std::max(0, natsConnection_Buffered(connection_.get())));
  }
}

void Wire::read() noexcept {
  if (may_read()) {
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
    unheard_ += status == NATS_NO_RESPONDERS ? 1 : 0;
  }
  return Incoming(raw);
}

}  // namespace spate::drivers::nats
