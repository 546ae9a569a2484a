#include "stream.h"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>

#include "spate/error.h"

namespace spate::drivers::rabbitmq {
namespace {

constexpr const char* kClosed = "the server closed the connection";

bool may_come_later() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

// --- OpenSSL's way to a socket, but for the signal that it raises when the other end is gone ---

int write_to_socket(BIO* bio, const char* bytes, int size) {
  BIO_clear_retry_flags(bio);
  int descriptor = -1;
  BIO_get_fd(bio, &descriptor);
  const ssize_t sent = send(descriptor, bytes, static_cast<std::size_t>(size), MSG_NOSIGNAL);
  if (sent < 0 && may_come_later()) {
    BIO_set_retry_write(bio);
  }
  return static_cast<int>(sent);
}

const BIO_METHOD* quiet_socket() {
  static const std::unique_ptr<BIO_METHOD, FreeTls> method = [] {
    const BIO_METHOD* const model = BIO_s_socket();
    std::unique_ptr<BIO_METHOD, FreeTls> made(BIO_meth_new(BIO_TYPE_SOCKET, "quiet socket"));
    BIO_meth_set_write(made.get(), write_to_socket);
    BIO_meth_set_read(made.get(), BIO_meth_get_read(model));
    BIO_meth_set_puts(made.get(), BIO_meth_get_puts(model));
    BIO_meth_set_ctrl(made.get(), BIO_meth_get_ctrl(model));
    BIO_meth_set_create(made.get(), BIO_meth_get_create(model));
    BIO_meth_set_destroy(made.get(), BIO_meth_get_destroy(model));
    return made;
  }();
  return method.get();
}

std::string tls_reason(const SSL& session) {
  const long verdict = SSL_get_verify_result(&session);
  if (verdict != X509_V_OK) {
    return fmt::format("TLS: the certificate: {}", X509_verify_cert_error_string(verdict));
  }
  const char* const reason = ERR_reason_error_string(ERR_peek_last_error());
  return fmt::format("TLS: {}", reason != nullptr ? reason : "the connection was closed");
}

}  // namespace

std::vector<SocketAddress> resolve(const Endpoint& endpoint) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const std::string port = fmt::to_string(endpoint.port);
  if (const int code = getaddrinfo(endpoint.host.c_str(), port.c_str(), &hints, &found);
      code != 0) {
    throw Error(gai_strerror(code));
  }
  std::vector<SocketAddress> addresses;
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    SocketAddress& address = addresses.emplace_back();
    address.size = std::min<socklen_t>(one->ai_addrlen, sizeof address.storage);
    std::memcpy(&address.storage, one->ai_addr, address.size);
  }
  freeaddrinfo(found);
  return addresses;
}

std::shared_ptr<SSL_CTX> tls_context() {
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_client_method()), FreeTls{});
  if (context == nullptr || SSL_CTX_set_default_verify_paths(context.get()) != 1) {
    throw Error("rabbitmq: OpenSSL cannot be used: it finds no certificates to trust");
  }
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_mode(context.get(),
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  return context;
}

Stream::Stream(const SocketAddress& where, SSL_CTX* tls, const std::string& host) noexcept {
  descriptor_ =
      socket(where.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
  if (descriptor_ < 0) {
    why_ = std::strerror(errno);
    return;
  }
  const int yes = 1;
  setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  if (connect(descriptor_, reinterpret_cast<const sockaddr*>(&where.storage), where.size) != 0 &&
      errno != EINPROGRESS) {
    why_ = std::strerror(errno);
  } else if (tls != nullptr) {
    begin_tls(*tls, host);
  }
}

void Stream::begin_tls(SSL_CTX& context, const std::string& host) noexcept {
  tls_.reset(SSL_new(&context));
  BIO* const bio = BIO_new(quiet_socket());
  if (tls_ == nullptr || bio == nullptr) {
    BIO_free(bio);
    why_ = "TLS: out of memory";
    return;
  }
  BIO_set_fd(bio, descriptor_, BIO_NOCLOSE);
  SSL_set_bio(tls_.get(), bio, bio);
  SSL_set_connect_state(tls_.get());
  X509_VERIFY_PARAM* const whom = SSL_get0_param(tls_.get());
  if (X509_VERIFY_PARAM_set1_ip_asc(whom, host.c_str()) != 1) {
    X509_VERIFY_PARAM_set1_host(whom, host.c_str(), 0);
    SSL_ctrl(tls_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
             const_cast<char*>(host.c_str()));
  }
  ERR_clear_error();  // a name that is no address leaves an error behind
}

Stream::~Stream() {
  if (descriptor_ >= 0) {
    close(descriptor_);
  }
}

std::size_t Stream::write(std::string_view bytes) noexcept {
  if (descriptor_ < 0 || !why_not_written_.empty() || bytes.empty()) {
    return 0;
  }
  full_ = false;
  if (tls_ != nullptr) {
    constexpr std::size_t kMost = std::numeric_limits<int>::max();
    errno = 0;  // which OpenSSL leaves as it is when the other end is gone
    return moved_by_tls(
        SSL_write(tls_.get(), bytes.data(), static_cast<int>(std::min(bytes.size(), kMost))),
        why_not_written_);
  }
  const ssize_t sent = send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  full_ = sent < static_cast<ssize_t>(bytes.size());
  return moved(sent, why_not_written_);
}

std::size_t Stream::read(std::span<char> bytes) noexcept {
  if (broken()) {
    return 0;
  }
  std::size_t got = 0;
  if (tls_ != nullptr) {
    errno = 0;
    got = moved_by_tls(SSL_read(tls_.get(), bytes.data(), static_cast<int>(bytes.size())), why_);
  } else {
    got = moved(recv(descriptor_, bytes.data(), bytes.size(), 0), why_);
  }
  if (broken() && !why_not_written_.empty()) {
    why_ = why_not_written_;  // it came first
  }
  return got;
}

std::size_t Stream::moved(ssize_t result, std::string& why) noexcept {
  if (result > 0) {
    ever_moved_ = true;
    return static_cast<std::size_t>(result);
  }
  if (result == 0) {
    why = kClosed;
  } else if (!may_come_later()) {
    why = std::strerror(errno);
  }
  return 0;
}

std::size_t Stream::moved_by_tls(int result, std::string& why) noexcept {
  if (result > 0) {
    ever_moved_ = true;
    return static_cast<std::size_t>(result);
  }
  switch (SSL_get_error(tls_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      break;
    case SSL_ERROR_WANT_WRITE:
      full_ = true;
      break;
    case SSL_ERROR_ZERO_RETURN:
      why = kClosed;
      break;
    case SSL_ERROR_SYSCALL:
      why = errno != 0 ? std::strerror(errno) : kClosed;
      break;
    default:
      why = tls_reason(*tls_);
  }
  ERR_clear_error();  // else it would count as one of the next call
  return 0;
}

bool Stream::connected() const {
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  return ever_moved_ || (tls_ != nullptr && BIO_number_written(SSL_get_wbio(tls_.get())) > 0) ||
         getpeername(descriptor_, reinterpret_cast<sockaddr*>(&peer), &size) == 0;
}

}  // namespace spate::drivers::rabbitmq
