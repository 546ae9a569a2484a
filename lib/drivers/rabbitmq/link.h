// A connection for the run: it comes back when it is lost.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "rabbitmq_run.h"
#include "session.h"
#include "spate/clock.h"
#include "spate/drivers/backoff.h"

namespace spate::drivers::rabbitmq {

// Never blocks; frames go out in batches. Whatever was under way when a connection was lost is lost
// with it. One thread.
class Link {
 public:
  // Connects and performs the usual prologue; each address of the host, and each answer, may take
  // as long as the run's timeout. It is performed again whenever the connection has come back;
  // where a queue is gone by then, the other one is. Throws Error.
  Link(const RabbitmqRun& run, Prologues prologues, std::string purpose, const Backoff& backoff);

  // Whether frames may be appended: neither while the connection is being made anew, nor ever after
  // that took too long, which is given_up().
  bool up() const { return connection_ != nullptr && connection_->open() && answers_left_ == 0; }
  bool given_up() const { return given_up_; }

  // Preconditions of all of these: up().
  // The server takes no messages now.
  bool blocked() const { return !connection_->blocked().empty(); }
  // What was sent before has left us.
  bool has_room() const { return connection_->all_written(); }
  std::string& outbox() { return connection_->outbox(); }
  std::size_t most_frame_bytes() const { return connection_->most_frame_bytes(); }
  // Writes as much as the socket takes; tend() writes the rest.
  void send() noexcept { connection_->write(); }

  // The next frame, or null; valid until the next call.
  const amqp_frame_t* receive() noexcept;
  // What has to be done in every round, at `now_ns`. True when the connection was lost since the
  // last call: no answer will come to what was under way.
  bool tend(std::int64_t now_ns) noexcept;
  // As if the connection had been lost.
  void lose(std::string why) noexcept;
  // The same where the server, while the connection held, has told that a queue is no more:
  // somebody has removed it, and it is not made anew.
  void lose_queue() noexcept;

 private:
  void keep_alive(std::int64_t now_ns) noexcept;
  void look_whether_blocked(std::int64_t now_ns) noexcept;
  void come_back(std::int64_t now_ns) noexcept;
  bool is_silent(std::int64_t now_ns) noexcept;
  void look_whether_queues_are_gone() noexcept;
  const Prologue& prologue() const { return anew_ ? prologues_.anew : prologues_.usual; }
  void give_up(const std::string& why) noexcept;

  const RabbitmqRun& run_;
  Prologues prologues_;
  std::string purpose_;
  Backoff backoff_;
  SteadyClock clock_;
  SocketAddress where_;  // asking for it again could take long
  std::unique_ptr<Connection> connection_;
  std::string why_;  // it was lost, or could not be made
  bool prologue_sent_ = true;
  std::size_t answers_left_ = 0;  // to the prologue
  std::int64_t outage_began_ns_ = 0;
  std::int64_t next_attempt_ns_ = 0;
  std::int64_t blocked_since_ns_ = kNever;
  bool removed_ = false;     // somebody has removed a queue, and has not put it back
  bool anew_ = false;        // one was gone when the connection came back
  bool was_silent_ = false;  // while it is being made, at the last look
  bool was_lost_ = false;
  bool given_up_ = false;
};

}  // namespace spate::drivers::rabbitmq
