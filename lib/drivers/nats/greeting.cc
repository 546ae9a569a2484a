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
#include "spate/drivers/destroy.h"
#include "spate/error.h"

namespace spate::drivers::nats {
namespace {

constexpr std::size_t kLongestLine = 1 << 16;
// So long we wait before we speak first, as a server of another kind may expect.
constexpr std::int64_t kPatienceNs = 250'000'000;

// Connects to one address, and reads lines; no step takes longer than to the deadline.
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

  bool hears_something_within(std::int64_t limit_ns) const { return await(POLLIN, limit_ns); }
  void say(std::string_view text) const {
    (void)!send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
  }
  // What comes before the end of the line, the connection or the time.
  std::string line() {
    std::array<char, 4096> piece{};
    while (heard_.find('\n') == std::string::npos && heard_.size() < kLongestLine &&
           await(POLLIN)) {
      const ssize_t size = recv(socket_, piece.data(), piece.size(), 0);
      if (size <= 0) {
        break;
      }
      heard_.append(piece.data(), static_cast<std::size_t>(size));
    }
    const std::size_t end = std::min(heard_.find('\n'), heard_.size());
    std::string line = heard_.substr(0, end);
    heard_.erase(0, end + 1);
    return line;
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
  std::string heard_;  // and not yet read
};

// The first of the server's addresses that takes the connection. Throws Error.
std::unique_ptr<Caller> call(const Endpoint& server, const std::string& shown,
                             std::int64_t timeout_ns) {
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
  const std::unique_ptr<addrinfo, Destroy<freeaddrinfo>> list(raw);
  int error = 0;
  for (const addrinfo* at = raw; at != nullptr; at = at->ai_next) {
    auto caller = std::make_unique<Caller>(*at, SteadyClock{}.now_ns() + timeout_ns);
    if (caller->error() == 0) {
      return caller;
    }
    error = caller->error();
  }
  throw no_server(std::strerror(error));
}

std::string greeting_of(Caller& caller) {
  if (!caller.hears_something_within(kPatienceNs)) {
    caller.say("PING\r\n");
  }
  return caller.line();
}

// Texts are not quoted, as the library does not.
std::string credentials(const Address& address) {
  if (!address.user.empty()) {
    return fmt::format(R"(,"user":"{}","pass":"{}")", address.user, address.password);
  }
  return address.password.empty() ? "" : fmt::format(R"(,"auth_token":"{}")", address.password);
}

// Whether it says yes or no to us, and not nothing.
bool answers(Caller& caller, const Address& address) {
  caller.say(fmt::format("CONNECT {{\"verbose\":false,\"name\":\"spate\"{}}}\r\nPING\r\n",
                         credentials(address)));
  std::string line = caller.line();
  while (!line.empty() && !line.starts_with("PONG") && !line.starts_with("-ERR")) {
    line = caller.line();
  }
  return !line.empty();
}

}  // namespace

Greeting::Greeting(const Address& address, std::int64_t timeout_ns) {
  std::optional<Error> failure;
  for (const Endpoint& server : address.endpoints) {
    try {
      server_ = server;
      meet(address, timeout_ns);
      return;
    } catch (const Error& error) {
      failure = error;
    }
  }
  throw Error(*failure);
}

void Greeting::meet(const Address& address, std::int64_t timeout_ns) {
  const std::unique_ptr<Caller> caller = call(server_, address.shown(), timeout_ns);
  line_ = greeting_of(*caller);
  if (!line_.empty() && !line_.starts_with("INFO {")) {
    throw Error(fmt::format("nats: the server at {} does not speak NATS's protocol; check the port",
                            address.shown()));
  }
  const bool over_tls = has_tls(address) || value("tls_required") == "true";
  if (line_.empty() || (!over_tls && !answers(*caller, address))) {
    throw Error(fmt::format(
        "nats: the server at {} does not answer; is it a NATS server, and running? check the port",
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
