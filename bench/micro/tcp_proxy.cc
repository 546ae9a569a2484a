// What the proxy costs where there is no fault: the same bytes by a connection through it, and by a
// direct one. Server and proxy have a thread each.
#include <arpa/inet.h>
#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "micro.h"
#include "spate/proxy/proxy.h"

namespace spate::bench {
namespace {

enum class Way : std::uint8_t { direct, proxy };

constexpr std::size_t kMessage = 128;
constexpr std::size_t kWrite = std::size_t{1} << 16;
constexpr std::size_t kAckEvery = std::size_t{1} << 22;  // bytes

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

void send_at_once(int socket) {
  const int yes = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

bool send_all(int socket, const char* bytes, std::size_t count) {
  while (count > 0) {
    const ssize_t some = send(socket, bytes, count, MSG_NOSIGNAL);
    if (some <= 0) {
      return false;
    }
    bytes += some;
    count -= static_cast<std::size_t>(some);
  }
  return true;
}

bool receive_all(int socket, char* bytes, std::size_t count) {
  return recv(socket, bytes, count, MSG_WAITALL) == static_cast<ssize_t>(count);
}

// Sends each message back as it comes.
void echo(int socket) {
  std::array<char, kMessage> bytes;
  while (receive_all(socket, bytes.data(), bytes.size()) &&
         send_all(socket, bytes.data(), bytes.size())) {
  }
}

// Reads, and says with one byte whenever so many have come.
void swallow(int socket) {
  std::vector<char> bytes(kWrite);
  std::size_t come = 0;
  for (;;) {
    const ssize_t some = recv(socket, bytes.data(), bytes.size(), 0);
    if (some <= 0) {
      return;
    }
    come += static_cast<std::size_t>(some);
    for (; come >= kAckEvery; come -= kAckEvery) {
      send_all(socket, bytes.data(), 1);
    }
  }
}

// A client's connection to a server of its own, by that way. The server's thread ends with it.
class Connected {
 public:
  Connected(Way way, void (*serve)(int)) {
    std::uint16_t port = listen_somewhere();
    if (way == Way::proxy) {
      proxy_ = std::make_unique<proxy::Proxy>(1);
      port = proxy_->lead_to({"127.0.0.1", port});
    }
    server_ = std::thread([this, serve] {
      const int socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      send_at_once(socket);
      serve(socket);
      close(socket);
    });
    const sockaddr_in address = loopback(port);
    client_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    fine_ =
        fine_ && connect(client_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    send_at_once(client_);
  }
  ~Connected() {
    close(client_);
    shutdown(listener_, SHUT_RDWR);  // so that a server to whom nobody came ends too
    server_.join();
    close(listener_);
  }
  Connected(const Connected&) = delete;
  Connected& operator=(const Connected&) = delete;

  int client() const { return client_; }
  bool fine() const { return fine_; }

 private:
  std::uint16_t listen_somewhere() {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = loopback(0);
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof address;
    fine_ = bind(listener_, any, size) == 0 && listen(listener_, 1) == 0 &&
            getsockname(listener_, any, &size) == 0;
    return ntohs(address.sin_port);
  }

  int listener_ = -1;
  int client_ = -1;
  bool fine_ = false;
  std::unique_ptr<proxy::Proxy> proxy_;
  std::thread server_;
};

constexpr const char* kBroken = "the connection is no more";

void round_trip(benchmark::State& state, Way way) {
  const Connected connected(way, echo);
  std::array<char, kMessage> bytes{};
  bool fine = connected.fine();
  while (fine && keep_running(state, 1)) {
    fine = send_all(connected.client(), bytes.data(), bytes.size()) &&
           receive_all(connected.client(), bytes.data(), bytes.size());
  }
  if (!fine) {
    state.SkipWithError(kBroken);
  }
}

// An iteration is as many bytes as are acknowledged with one. So many at most are under way twice:
// the next are written before the acknowledgement is waited for.
void stream(benchmark::State& state, Way way, std::size_t write_bytes) {
  const Connected connected(way, swallow);
  const std::vector<char> bytes(write_bytes);
  char ack = 0;
  bool fine = connected.fine();
  for (std::uint64_t round = 0; fine && keep_running(state, 1); ++round) {
    for (std::size_t sent = 0; fine && sent < kAckEvery; sent += write_bytes) {
      fine = send_all(connected.client(), bytes.data(), write_bytes);
    }
    fine = fine && (round == 0 || receive_all(connected.client(), &ack, 1));
  }
  if (!fine) {
    state.SkipWithError(kBroken);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(kAckEvery) * state.iterations());
}

const char* name_of(Way way) { return way == Way::direct ? "direct" : "proxy"; }

template <class Body>
void add(const std::string& name, Body body) {
  benchmark::RegisterBenchmark(name.c_str(), body)->UseRealTime()->MeasureProcessCPUTime();
}

}  // namespace

void register_tcp_proxy() {
  for (const std::size_t write_bytes : {kWrite, kMessage}) {
    for (const Way way : {Way::direct, Way::proxy}) {
      add(fmt::format("micro/tcp_stream/way:{}/write:{}", name_of(way), write_bytes),
          [way, write_bytes](benchmark::State& state) { stream(state, way, write_bytes); });
    }
  }
  for (const Way way : {Way::direct, Way::proxy}) {
    add(fmt::format("micro/tcp_round_trip/way:{}", name_of(way)),
        [way](benchmark::State& state) { round_trip(state, way); });
  }
}

}  // namespace spate::bench
