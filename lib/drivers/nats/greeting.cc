#include "greeting.h"

#include <fmt/format.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>

#include "spate/clock.h"
#include "spate/error.h"

namespace spate::drivers::nats {
namespace {

constexpr std::size_t kLongestLine = 1 << 16;
// So long we wait before we speak first, as a server of another kind may expect.
constexpr std::int64_t kPatienceNs = 250'000'000;

struct FreeAddresses {
  void operator()(addrinfo* list) const { freeaddrinfo(list); }
};

// Connects to one address, and reads one line; no step takes longer than to the deadline.
class Caller {
 public:
  Caller(const addrinfo& address, std::int64_t deadline_ns)
      : socket_(socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)),
        deadline_ns_(deadline_ns) {
    if (connect(socket_, address.ai_addr, address.ai_addrlen) != 0) {
      error_ = errno;
    }
    if (error_ == EINPROGRESS) {
      error_ = ETIMEDOUT;
      if (await(POLLOUT)) {
        socklen_t size = sizeof error_;
        getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error_, &size);
      }
    }
  }
  ~Caller() { close(socket_); }
  Caller(const Caller&) = delete;
  Caller& operator=(const Caller&) = delete;

  int error() const { return error_; }

  // What came before the end of the line, the connection or the time.
  std::string line() {
    if (!await(POLLIN, kPatienceNs)) {
      constexpr std::string_view kAnyoneThere = "PING\r\n";
      (void)!send(socket_, kAnyoneThere.data(), kAnyoneThere.size(), MSG_NOSIGNAL);
    }
    std::string text;
    std::array<char, 4096> piece{};
    while (text.find('\n') == std::string::npos && text.size() < kLongestLine && await(POLLIN)) {
      const ssize_t size = recv(socket_, piece.data(), piece.size(), 0);
      if (size <= 0) {
        break;
      }
      text.append(piece.data(), static_cast<std::size_t>(size));
    }
    return text.substr(0, text.find('\n'));
  }

 private:
  bool await(short event) const { return await(event, deadline_ns_ - SteadyClock{}.now_ns()); }
  bool await(short event, std::int64_t limit_ns) const {
    pollfd wanted{socket_, event, 0};
    return limit_ns > 0 && poll(&wanted, 1, static_cast<int>(limit_ns / 1'000'000)) > 0;
  }

  int socket_;
  std::int64_t deadline_ns_;
  int error_ = 0;
};

// Throws Error.
std::string line_from(const Endpoint& server, const std::string& shown, std::int64_t timeout_ns) {
  const auto no_server = [&](const char* why) {
    return Error(
        fmt::format("nats: no server at {}: {}; start one, or give --start-brokers", shown, why));
  };
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* raw = nullptr;
  if (const int failure =
          getaddrinfo(server.host.c_str(), fmt::to_string(server.port).c_str(), &hints, &raw);
      failure != 0) {
    throw no_server(gai_strerror(failure));
  }
  const std::unique_ptr<addrinfo, FreeAddresses> list(raw);
  int error = 0;
  for (const addrinfo* at = raw; at != nullptr; at = at->ai_next) {
    Caller caller(*at, SteadyClock{}.now_ns() + timeout_ns);
    if (caller.error() == 0) {
      return caller.line();
    }
    error = caller.error();
  }
  throw no_server(std::strerror(error));
}

}  // namespace

Greeting::Greeting(const Address& address, std::int64_t timeout_ns) {
  std::optional<Error> failure;
  for (const Endpoint& server : address.endpoints) {
    try {
      line_ = line_from(server, address.shown(), timeout_ns);
      failure.reset();
      break;
    } catch (const Error& error) {
      failure = error;
    }
  }
  if (failure) {
    throw Error(*failure);
  }
  if (line_.empty()) {
    throw Error(fmt::format(
        "nats: the server at {} does not answer; is it a NATS server, and running? check the port",
        address.shown()));
  }
  if (!line_.starts_with("INFO {")) {
    throw Error(fmt::format("nats: the server at {} does not speak NATS's protocol; check the port",
                            address.shown()));
  }
}

std::string_view Greeting::value(std::string_view name) const {
  const std::string key = fmt::format("\"{}\":", name);
  const std::size_t at = line_.find(key);
  if (at == std::string::npos) {
    return {};
  }
  std::string_view behind = std::string_view(line_).substr(at + key.size());
  if (behind.starts_with('"')) {
    behind.remove_prefix(1);
    return behind.substr(0, behind.find('"'));
  }
  return behind.substr(0, behind.find_first_of(",}"));
}

}  // namespace spate::drivers::nats
