// Bytes to and from a server, by TCP or by TLS over it. Nothing here waits.
#pragma once

#include <openssl/ssl.h>
#include <sys/socket.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "spate/drivers/address.h"

namespace spate::drivers::rabbitmq {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

// All that the host's name stands for. May take as long as the system's resolver does. Throws Error
// with the reason only.
std::vector<SocketAddress> resolve(const Endpoint& endpoint);

struct FreeTls {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* session) const { SSL_free(session); }
  void operator()(BIO_METHOD* method) const { BIO_meth_free(method); }
};

// What every TLS session of ours has: it trusts whom this system trusts. Throws Error.
std::shared_ptr<SSL_CTX> tls_context();

// One thread.
class Stream {
 public:
  // Begins to connect. `tls`: null for plain TCP. `host`: whom the server's certificate must name.
  Stream(const SocketAddress& where, SSL_CTX* tls, const std::string& host) noexcept;
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  // How many bytes were moved; 0 when it takes, or has, none now.
  std::size_t write(std::string_view bytes) noexcept;
  std::size_t read(std::span<char> bytes) noexcept;

  // Nothing will be moved any more, and why. It is read() that finds out.
  bool broken() const { return !why_.empty(); }
  const std::string& why() const { return why_; }
  // Whether there ever was a server at the other end.
  bool connected() const;

  // For poll(): its end of the connection, and whether it waits for room to write.
  int descriptor() const { return descriptor_; }
  bool full() const { return full_; }

 private:
  std::size_t moved(ssize_t result, std::string& why) noexcept;
  std::size_t moved_by_tls(int result, std::string& why) noexcept;
  void begin_tls(SSL_CTX& context, const std::string& host) noexcept;

  int descriptor_ = -1;
  std::unique_ptr<SSL, FreeTls> tls_;
  std::string why_;
  std::string why_not_written_;  // there may still be something to read, perhaps a better reason
  bool full_ = false;
  bool ever_moved_ = false;
};

}  // namespace spate::drivers::rabbitmq
