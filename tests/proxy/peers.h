// Clients and servers for a proxy to stand between, in the hands of a test.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "sockets.h"
#include "spate/proxy/proxy.h"

namespace spate::proxy {

// One side of a connection. Its calls wait, and give up after what any machine may take; one thread
// at a time for each direction.
class Peer {
 public:
  explicit Peer(Descriptor socket);
  // Throws where nobody listens.
  static Peer connected_to(std::uint16_t port);

  void send_all(std::string_view bytes) const;
  // Writes without waiting; how much was taken.
  std::size_t send_some(std::string_view bytes) const;
  // Exactly so many, or fewer at the end.
  std::string receive(std::size_t count) const;
  bool has_something_to_read() const;  // an end or a reset too
  void finish() const;                 // no more from here
  // Waits until all that was sent, an end too, has arrived at the other side's kernel: it is there
  // when the other side looks, also where this one resets. Precondition: there is room for it.
  void deliver() const;
  void reset() { socket_.reset(); }
  void close() { socket_.close(); }

  enum class End { none, end, reset };
  // What stands behind what there is still to read.
  End end() const;

 private:
  Descriptor socket_;
};

// A proxy, and the server behind it. One thread.
class ProxyAndServer {
 public:
  explicit ProxyAndServer(std::uint64_t seed = 1);

  Proxy& proxy() { return *proxy_; }
  std::uint16_t port() const { return port_; }
  Peer accept() const;  // waits
  bool somebody_waits() const;
  // A client whom the proxy's kernel has let in for certain; one byte of it is there already.
  Peer one_that_waits() const;

  struct Both {
    Peer client;
    Peer server;
  };
  Both connect() const;

  // Returns when the proxy has seen all that had happened when it was called, and has done what it
  // does about it at once.
  void settle() { settle(*proxy_); }
  static void settle(Proxy& proxy);
  void end_proxy() { proxy_.reset(); }

 private:
  std::uint16_t server_port_ = 0;
  Descriptor listener_;
  std::unique_ptr<Proxy> proxy_;
  std::uint16_t port_ = 0;
};

// Bytes that depend on where in their stream they are.
std::string stream_bytes(std::uint64_t stream, std::size_t begin, std::size_t count);

}  // namespace spate::proxy
