// A client, the server that it was led to, and what goes on between them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "conditions.h"
#include "direction.h"
#include "sockets.h"

namespace spate::proxy {

// What an event is about.
struct Watch {
  enum class What : std::uint8_t { orders, timer, listener, client, server };
  What what;
  void* owner = nullptr;
};

// One thread; no function waits.
class Connection {
 public:
  // `number`: of the connections that there have been; with the seed it decides what is decided by
  // chance.
  Connection(Descriptor client, std::shared_ptr<const Route> route, std::uint64_t seed,
             std::uint64_t number);

  // Begins to connect to the route's next address, at first too. False: there is none, or none that
  // can be tried.
  bool connect_next();

  enum class State { goes_on, unreached, ended, broken };
  struct Result {
    State state = State::goes_on;  // unreached: connect_next() is next; ended, broken: close, reset
    std::int64_t wake_ns = kNever;
    std::uint64_t to_server = 0;  // bytes handed on
    std::uint64_t to_client = 0;
    bool again = false;
  };
  // Precondition: the way is no black hole.
  Result turn(const Turn& turn);

  // As Fault::Kind::half_close says; what the client is owed is what has arrived here until now,
  // read or not.
  void half_close(const Conditions& conditions);
  bool lost_bytes() const { return to_client_.lost_bytes(); }

  void close();
  void reset();

  Side& client() { return client_; }
  Side& server() { return server_; }
  Watch& client_watch() { return client_watch_; }
  Watch& server_watch() { return server_watch_; }

  // The loop's: when it has a turn without anybody asking for it, and whether it is next.
  std::int64_t wake_ns = kNever;
  bool queued = false;

 private:
  bool connected();

  std::shared_ptr<const Route> route_;
  std::size_t tried_ = 0;  // of the route
  bool connecting_ = true;
  Side client_;
  Side server_;
  Direction to_server_;
  Direction to_client_;
  Watch client_watch_{Watch::What::client, this};
  Watch server_watch_{Watch::What::server, this};
};

}  // namespace spate::proxy
