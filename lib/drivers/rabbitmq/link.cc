#include "link.h"

#include <fmt/format.h>

#include <utility>

namespace spate::drivers::rabbitmq {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

double seconds(std::int64_t ns) { return static_cast<double>(ns) / kSecond; }

// Of one that is there, and whose node is away, the server says something else by the same code.
bool says_that_a_queue_is_gone(const Connection& connection) {
  return connection.refusal() == AMQP_NOT_FOUND &&
         connection.why().find("no queue") != std::string::npos;
}

}  // namespace

Link::Link(const RabbitmqRun& run, Prologues prologues, std::string purpose, const Backoff& backoff)
    : run_(run), prologues_(std::move(prologues)), purpose_(std::move(purpose)), backoff_(backoff) {
  Session session(run.login, run.timeout_ns);
  session.perform(prologues_.usual);
  where_ = session.where();
  connection_ = session.release();
}

const amqp_frame_t* Link::receive() noexcept {
  if (connection_ == nullptr) {
    return nullptr;
  }
  // The answers to the prologue are the first that comes.
  while (const amqp_frame_t* const frame = connection_->receive()) {
    if (answers_left_ == 0) {
      return frame;
    }
    if (--answers_left_ == 0) {
      backoff_.succeeded();
      connection_->outbox() += prologue().afterwards;
      anew_ = false;
      removed_ = false;
      connection_->write();
    }
  }
  if (connection_->lost()) {
    look_whether_queues_are_gone();
    lose(connection_->why());
  }
  return nullptr;
}

bool Link::tend(std::int64_t now_ns) noexcept {
  if (connection_ != nullptr) {
    connection_->write();
    look_whether_blocked(now_ns);
  }
  if (up()) {
    keep_alive(now_ns);
  } else if (!given_up_) {
    come_back(now_ns);
  }
  return std::exchange(was_lost_, false);
}

void Link::lose(std::string why) noexcept {
  if (up()) {
    run_.troubles.add(fmt::format("rabbitmq: {}: the connection was lost: {}", purpose_, why));
    outage_began_ns_ = clock_.now_ns();
    was_lost_ = true;
  }
  why_ = std::move(why);
  next_attempt_ns_ = clock_.now_ns() + backoff_.next_ns();
  connection_.reset();
}

void Link::lose_queue() noexcept {
  removed_ = true;
  lose("a queue is gone");
}

// A queue's declaration is in the server's memory for a moment, from where a SIGKILL takes it away;
// and now and then a server that was killed comes back without one that its log on disk had, nobody
// knows why. Or somebody has deleted it while the connection was away, which looks the same.
void Link::look_whether_queues_are_gone() noexcept {
  if (!says_that_a_queue_is_gone(*connection_)) {
    return;
  }
  removed_ = removed_ || up();
  if (!removed_ && !anew_) {
    anew_ = true;
    run_.troubles.add(
        fmt::format("rabbitmq: {}: a queue was gone when the connection came back, and is made "
                    "anew: what it had and nobody had read is lost",
                    purpose_));
  }
}

void Link::keep_alive(std::int64_t now_ns) noexcept {
  const std::int64_t heartbeat_ns = connection_->heartbeat_s() * kSecond;
  if (now_ns - connection_->heard_ns() > 2 * heartbeat_ns) {
    lose("it does not answer");
  } else if (now_ns - connection_->wrote_ns() > heartbeat_ns / 2 && connection_->all_written()) {
    append_heartbeat(connection_->outbox());
    connection_->write();
  }
}

void Link::look_whether_blocked(std::int64_t now_ns) noexcept {
  const std::string& why = connection_->blocked();
  if (why.empty()) {
    blocked_since_ns_ = kNever;
  } else if (blocked_since_ns_ == kNever) {
    blocked_since_ns_ = now_ns;
    run_.troubles.add(fmt::format("rabbitmq: {}: {}", purpose_, why));
  } else if (now_ns - blocked_since_ns_ > run_.timeout_ns) {
    give_up(fmt::format("for {} s the server said that {}", seconds(run_.timeout_ns), why));
  }
}

// One step towards a connection that is up.
void Link::come_back(std::int64_t now_ns) noexcept {
  if (now_ns - outage_began_ns_ > run_.timeout_ns) {
    give_up(fmt::format("the connection did not come back within {} s ({})",
                        seconds(run_.timeout_ns), why_));
  } else if (connection_ == nullptr) {
    if (now_ns >= next_attempt_ns_) {
      connection_ = std::make_unique<Connection>(run_.login, where_);
      answers_left_ = prologue().answers;
      prologue_sent_ = false;
      was_silent_ = false;
    }
  } else if (is_silent(now_ns)) {
    lose("it does not answer");
  } else if (connection_->open() && !prologue_sent_) {
    connection_->outbox() += prologue().frames;
    connection_->write();
    prologue_sent_ = true;
  }
}

// What has come is read after this is asked: so it has to be so twice. Else a thread that had no
// core for that long would take its own silence for the server's.
bool Link::is_silent(std::int64_t now_ns) noexcept {
  const std::int64_t heard_ns = connection_->heard_ns();
  const bool silent =
      now_ns - heard_ns > attempt_limit_ns(run_.timeout_ns, heard_ns - outage_began_ns_);
  return std::exchange(was_silent_, silent) && silent;
}

void Link::give_up(const std::string& why) noexcept {
  run_.troubles.give_up(fmt::format("rabbitmq: {}: given up: {}", purpose_, why));
  was_lost_ = was_lost_ || up();
  connection_.reset();
  given_up_ = true;
}

}  // namespace spate::drivers::rabbitmq
