// A way between a client and a server that a test can cut.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace spate::testing_support {

// Listens on loopback and hands every byte on to a port there. Any thread.
class TcpProxy {
 public:
  enum class From { client, server };
  // What becomes of bytes that came: they may be changed, or taken away; false breaks their
  // connection. Called in the proxy's thread.
  using Meddle = std::function<bool(From from, std::string& bytes)>;

  // `most_at_once`: no more bytes than this go on at once, each time in a segment of their own.
  explicit TcpProxy(std::uint16_t server_port, Meddle meddle = {},
                    std::size_t most_at_once = 1 << 20);
  ~TcpProxy();
  TcpProxy(const TcpProxy&) = delete;
  TcpProxy& operator=(const TcpProxy&) = delete;

  std::uint16_t port() const { return port_; }
  // From now on no more bytes than this go on at once.
  void slice(std::size_t most_at_once) { most_at_once_ = most_at_once; }
  // Breaks every connection that there is, as a network does: with a reset. Returns when it is
  // done.
  void cut();
  // Tells the client of every connection that there is that no more will come, and gives it no
  // more; what it writes still goes to the server.
  void half_close();
  // From now on whoever connects is refused; or is let in again.
  void refuse(bool refuses);
  // From now on whoever connects is never answered, for as long as its connection stands; or is
  // answered again.
  void ignore(bool ignores);
  // How many were let in so.
  std::uint64_t ignored() const { return ignored_; }

 private:
  void serve();
  void order(char what);

  std::uint16_t server_port_;
  Meddle meddle_;
  std::atomic<std::size_t> most_at_once_;
  std::uint16_t port_ = 0;
  int listener_ = -1;
  int orders_[2] = {-1, -1};
  std::atomic<std::uint64_t> obeyed_{0};
  std::atomic<std::uint64_t> ignored_{0};
  std::mutex ordering_;
  std::uint64_t ordered_ = 0;  // under ordering_
  std::thread thread_;
};

}  // namespace spate::testing_support
