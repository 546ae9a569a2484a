#include "support/tcp_proxy.h"

#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "support/loopback.h"

namespace spate::testing_support {
namespace {

void send_at_once(int socket) {
  const int yes = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

// Closes with a reset, so that the other side's next call fails.
void reset(int socket) {
  const linger at_once{1, 0};
  setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close(socket);
}

// One direction of a connection: bytes that came from one side and have not gone to the other.
struct Way {
  int from = -1;
  int to = -1;
  std::string waiting;
  bool closed = false;  // whoever it leads to gets no more

  static constexpr std::size_t kMost = 1 << 20;
  bool may_read() const { return waiting.size() < kMost; }
  // False at the connection's end.
  bool read_some(const TcpProxy::Meddle& meddle, TcpProxy::From whose) {
    std::array<char, 1 << 16> bytes;
    const ssize_t count = recv(from, bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (count <= 0) {
      return count < 0 && errno == EAGAIN;
    }
    std::string piece(bytes.data(), static_cast<std::size_t>(count));
    const bool goes_on = !meddle || meddle(whose, piece);
    waiting += piece;
    return goes_on;
  }
  bool write_some(std::size_t most) {
    if (closed) {
      waiting.clear();
      return true;
    }
    const ssize_t count =
        send(to, waiting.data(), std::min(waiting.size(), most), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count > 0) {
      waiting.erase(0, static_cast<std::size_t>(count));
    }
    return count > 0 || errno == EAGAIN;
  }
};

struct Connection {
  Connection(int client, int server) : there{client, server, {}}, back{server, client, {}} {}
  Way there;
  Way back;
  void close_back() {
    shutdown(back.to, SHUT_WR);
    back.closed = true;
  }
  void end() const {
    reset(there.from);
    reset(there.to);
  }
};

short events_of(const Way& in, const Way& out) {
  return static_cast<short>((in.may_read() ? POLLIN : 0) | (out.waiting.empty() ? 0 : POLLOUT));
}

// False when one side has gone.
bool move_bytes(Connection& connection, const TcpProxy::Meddle& meddle, const pollfd& client,
                const pollfd& server, std::size_t most) {
  using From = TcpProxy::From;
  constexpr short kIn = POLLIN | POLLHUP | POLLERR;
  return ((client.revents & kIn) == 0 || connection.there.read_some(meddle, From::client)) &&
         ((server.revents & kIn) == 0 || connection.back.read_some(meddle, From::server)) &&
         (connection.there.waiting.empty() || connection.there.write_some(most)) &&
         (connection.back.waiting.empty() || connection.back.write_some(most));
}

}  // namespace

TcpProxy::TcpProxy(std::uint16_t server_port, Meddle meddle, std::size_t most_at_once)
    : server_port_(server_port),
      meddle_(std::move(meddle)),
      most_at_once_(most_at_once),
      listener_(listen_on_loopback(port_)) {
  if (pipe(orders_) != 0) {
    throw std::runtime_error("no pipe");
  }
  thread_ = std::thread([this] { serve(); });
}

TcpProxy::~TcpProxy() {
  order('q');
  thread_.join();
  close(listener_);
  close(orders_[0]);
  close(orders_[1]);
}

void TcpProxy::cut() { order('c'); }
void TcpProxy::half_close() { order('h'); }
void TcpProxy::refuse(bool refuses) { order(refuses ? 'r' : 'a'); }
void TcpProxy::ignore(bool ignores) { order(ignores ? 'i' : 'n'); }

// One at a time: what was obeyed is counted, not which.
void TcpProxy::order(char what) {
  const std::lock_guard lock(ordering_);
  ++ordered_;
  (void)!write(orders_[1], &what, 1);
  while (obeyed_ < ordered_) {
    std::this_thread::yield();
  }
}

void TcpProxy::serve() {
  std::vector<Connection> connections;
  bool refuses = false;
  bool ignores = false;
  for (;;) {
    std::vector<pollfd> watched{{orders_[0], POLLIN, 0}, {listener_, POLLIN, 0}};
    for (const Connection& one : connections) {
      watched.push_back({one.there.from, events_of(one.there, one.back), 0});
      watched.push_back({one.there.to, events_of(one.back, one.there), 0});
    }
    poll(watched.data(), watched.size(), -1);
    std::vector<Connection> left;
    for (std::size_t at = 0; at < connections.size(); ++at) {
      if (move_bytes(connections[at], meddle_, watched[2 + 2 * at], watched[3 + 2 * at],
                     most_at_once_)) {
        left.push_back(std::move(connections[at]));
      } else {
        connections[at].end();
      }
    }
    connections = std::move(left);
    if (watched[1].revents != 0) {
      const int client = accept(listener_, nullptr, nullptr);
      const int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      const sockaddr_in address = loopback(server_port_);
      if (refuses || connect(server, any(address), sizeof address) != 0) {
        reset(client);
        close(server);
      } else {
        send_at_once(client);
        send_at_once(server);
        connections.emplace_back(client, server).back.closed = ignores;
        ignored_ += ignores ? 1 : 0;
      }
    }
    if (watched[0].revents != 0) {
      char what = 0;
      (void)!read(orders_[0], &what, 1);
      refuses = what == 'r' || (refuses && what != 'a');
      ignores = what == 'i' || (ignores && what != 'n');
      if (what == 'h') {
        for (Connection& one : connections) {
          one.close_back();
        }
      }
      if (what == 'c' || what == 'q') {
        for (const Connection& one : connections) {
          one.end();
        }
        connections.clear();
      }
      ++obeyed_;
      if (what == 'q') {
        return;
      }
    }
  }
}

}  // namespace spate::testing_support
