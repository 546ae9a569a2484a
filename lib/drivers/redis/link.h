// Connections to a Redis server.
#pragma once

#include <hiredis/hiredis.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "commands.h"
#include "redis_run.h"
#include "spate/clock.h"
#include "spate/drivers/address.h"
#include "spate/drivers/backoff.h"
#include "spate/drivers/destroy.h"

namespace spate::drivers::redis {

using Reply = std::unique_ptr<redisReply, Destroy<freeReplyObject>>;
using Context = std::unique_ptr<redisContext, Destroy<redisFree>>;

inline std::string_view text_of(const redisReply& reply) { return {reply.str, reply.len}; }

// What to do about an error reply.
std::string advice(std::string_view error);

// What every connection begins with: who we are, which database, and whether it answers. Each reply
// has to be a good one.
struct Greeting {
  explicit Greeting(const Address& address);
  std::string commands;
  int replies = 0;
};

// For what happens before and after a run: one command, one reply, at most `timeout_ns` for each
// step. One thread.
class Session {
 public:
  // Throws Error with what is wrong and what to do about it.
  Session(const Address& address, std::int64_t timeout_ns);

  // Throws Error when no answer comes; an error reply is a reply.
  template <class... Words>
  Reply command(const Words&... words) {
    std::string formatted;
    append_command(formatted, words...);
    return exchange(formatted);
  }
  Reply exchange(const std::string& formatted);

  // The connection, for other uses; nothing more can be done with this object.
  Context release() { return std::move(context_); }

 private:
  void greet(const Address& address);
  [[noreturn]] void fail(const Address& address) const;

  std::string shown_;
  Context context_;
};

// For the run: never blocks; commands go out in batches, replies come in the order of the commands.
// A connection that is lost is made anew, and whatever was under way is lost with it. One thread.
class Link {
 public:
  // `streams`: what has to be at the server, with the run's group. When a connection has come back
  // the server may have been started anew, and have kept nothing: then they are made anew, before
  // anything else. Throws Error when there is no connection now.
  Link(const RedisRun& run, std::span<const std::string> streams, std::string purpose,
       const Backoff& backoff);

  // Whether commands may be given: neither while the connection is being made anew, nor ever after
  // that took too long, which is given_up().
  bool up() const { return context_ != nullptr && greeting_replies_left_ == 0; }
  bool given_up() const { return given_up_; }

  // Appends to what will be written. Precondition: up().
  std::string& outbox() { return outbox_; }
  // Writes as much as the socket takes. The commands that were appended, `replies` in number, are
  // under way now.
  void send(std::size_t replies) noexcept;
  // What has to be done in every round, at `now_ns`: writing what is left, reading what has come,
  // and making a lost connection anew. True when the connection was lost since the last call: no
  // reply will come to what was under way.
  bool tend(std::int64_t now_ns) noexcept;
  // The next reply of what tend() has read, or null.
  Reply receive() noexcept;

  // The connection is of no use any more, whatever comes.
  void give_up(const std::string& why) noexcept;

  // A server that keeps silent for longer than it may, while something is under way, counts as
  // lost. Commands that wait by themselves may take so much longer.
  void allow_waiting(std::int64_t ns) { allowed_wait_ns_ = ns; }

 private:
  Reply next_reply() noexcept;
  void read(std::int64_t now_ns) noexcept;
  void write() noexcept;
  void lose(std::string_view why) noexcept;
  void come_back(std::int64_t now_ns) noexcept;
  void begin_again() noexcept;
  void try_later(std::string_view why) noexcept;
  void await_greeting() noexcept;
  void welcome() noexcept;
  void drop() noexcept;

  const RedisRun& run_;
  Greeting greeting_;
  // What is said when a connection has come back, and answered as often: the greeting, and what
  // makes the streams.
  std::string return_commands_;
  int return_replies_;
  std::string purpose_;
  Backoff backoff_;
  SteadyClock clock_;
  Context context_;
  int greeting_replies_left_ = 0;
  int made_anew_ = 0;  // streams, for this connection
  std::string outbox_;
  std::size_t written_ = 0;    // of the outbox
  std::size_t under_way_ = 0;  // replies that are still to come
  std::int64_t allowed_wait_ns_ = 0;
  std::int64_t last_heard_ns_;
  std::int64_t outage_began_ns_ = 0;
  std::int64_t next_attempt_ns_ = 0;
  std::int64_t next_look_ns_ = 0;  // whether the server has gone, while nothing is under way
  std::string why_;                // it was lost, or could not be made
  bool was_lost_ = false;
  bool given_up_ = false;
};

}  // namespace spate::drivers::redis
