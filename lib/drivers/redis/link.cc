#include "link.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <cerrno>
#include <cstring>

#include "commands.h"
#include "spate/error.h"

namespace spate::drivers::redis {
namespace {

// So often it is looked whether the server has gone while nothing is under way.
constexpr std::int64_t kBetweenLooksNs = 10'000'000;

timeval timeval_of(std::int64_t ns) {
  return {static_cast<time_t>(ns / 1'000'000'000),
          static_cast<suseconds_t>(ns % 1'000'000'000 / 1000)};
}

// A context that was made blocking, so that it is connected, blocks no more from now on.
void stop_blocking(redisContext& context) {
  fcntl(context.fd, F_SETFL, fcntl(context.fd, F_GETFL) | O_NONBLOCK);
  context.flags &= ~REDIS_BLOCK;
}

bool is_error(const redisReply& reply) { return reply.type == REDIS_REPLY_ERROR; }

}  // namespace

std::string advice(std::string_view error) {
  if (error.starts_with("NOAUTH")) {
    return "it wants a password: give redis://user:password@host";
  }
  if (error.starts_with("WRONGPASS") || error.starts_with("ERR invalid password") ||
      error.starts_with("ERR AUTH")) {
    return "check user and password of the address";
  }
  if (error.starts_with("NOPERM")) {
    return "allow this user INFO, XGROUP, XADD, XREADGROUP, XACK, XTRIM and UNLINK on spate-*";
  }
  if (error.starts_with("OOM")) {
    return "it is at its maxmemory: allow it more";
  }
  if (error.starts_with("ERR max number of clients")) {
    return "raise its maxclients, or give fewer --workers";
  }
  if (error.starts_with("ERR DB index")) {
    return "the number behind the slash is a database that it does not have";
  }
  return "it must be a Redis server, of version 6.2 or later, that is ready";
}

Greeting::Greeting(const Address& address) {
  if (!address.password.empty() || !address.user.empty()) {
    if (address.user.empty()) {
      append_command(commands, "AUTH", address.password);
    } else {
      append_command(commands, "AUTH", address.user, address.password);
    }
    ++replies;
  }
  if (!address.path.empty()) {
    append_command(commands, "SELECT", address.path);
    ++replies;
  }
  append_command(commands, "PING");
  ++replies;
}

// --- Session ---

Session::Session(const Address& address, std::int64_t timeout_ns) : shown_(address.shown()) {
  const Endpoint& server = address.first();
  const timeval limit = timeval_of(timeout_ns);
  context_.reset(redisConnectWithTimeout(server.host.c_str(), server.port, limit));
  if (context_ == nullptr || context_->err != 0) {
    throw Error(fmt::format("redis: no server at {}: {}; start one, or give --start-brokers",
                            shown_, context_ == nullptr ? "out of memory" : context_->errstr));
  }
  redisSetTimeout(context_.get(), limit);
  greet(address);
}

void Session::greet(const Address& address) {
  const Greeting greeting(address);
  redisAppendFormattedCommand(context_.get(), greeting.commands.data(), greeting.commands.size());
  for (int i = 0; i < greeting.replies; ++i) {
    void* raw = nullptr;
    if (redisGetReply(context_.get(), &raw) != REDIS_OK) {
      fail(address);
    }
    const Reply reply(static_cast<redisReply*>(raw));
    if (is_error(*reply)) {
      throw Error(fmt::format("redis: the server at {} answers '{}'; {}", shown_, text_of(*reply),
                              advice(text_of(*reply))));
    }
  }
}

void Session::fail(const Address& address) const {
  if (context_->err == REDIS_ERR_IO && errno == EAGAIN) {
    throw Error(
        fmt::format("redis: the server at {} does not answer; is it a Redis server, and running?",
                    address.shown()));
  }
  throw Error(
      fmt::format("redis: the server at {} does not speak Redis's protocol ({}); check the "
                  "port",
                  address.shown(), context_->errstr));
}

Reply Session::exchange(const std::string& formatted) {
  redisAppendFormattedCommand(context_.get(), formatted.data(), formatted.size());
  void* raw = nullptr;
  if (redisGetReply(context_.get(), &raw) != REDIS_OK) {
    throw Error(fmt::format("redis: no answer from {}: {}", shown_, context_->errstr));
  }
  return Reply(static_cast<redisReply*>(raw));
}

// --- Link ---

Link::Link(const RedisRun& run, std::span<const std::string> streams, std::string purpose,
           const Backoff& backoff)
    : run_(run),
      greeting_(run.address),
      return_commands_(greeting_.commands),
      return_replies_(greeting_.replies + static_cast<int>(streams.size())),
      purpose_(std::move(purpose)),
      backoff_(backoff),
      context_(Session(run.address, run.timeout_ns).release()),
      last_heard_ns_(clock_.now_ns()) {
  for (const std::string& stream : streams) {
    append_group_creation(return_commands_, stream, run.group);
  }
  stop_blocking(*context_);
}

void Link::send(std::size_t replies) noexcept {
  if (under_way_ == 0) {
    last_heard_ns_ = clock_.now_ns();  // from now on an answer may be waited for
  }
  under_way_ += replies;
  write();
}

// Not by the library, which lets the signal come that a write to a closed connection raises.
void Link::write() noexcept {
  while (written_ < outbox_.size()) {
    const ssize_t sent =
        ::send(context_->fd, outbox_.data() + written_, outbox_.size() - written_, MSG_NOSIGNAL);
    if (sent < 0) {
      if (errno != EAGAIN && errno != EINTR) {
        lose(std::strerror(errno));
      }
      return;
    }
    written_ += static_cast<std::size_t>(sent);
  }
  outbox_.clear();
  written_ = 0;
}

Reply Link::receive() noexcept { return up() ? next_reply() : nullptr; }

Reply Link::next_reply() noexcept {
  redisContext& context = *context_;
  void* raw = nullptr;
  if (redisGetReplyFromReader(&context, &raw) != REDIS_OK) {
    lose(context.errstr);
    return nullptr;
  }
  Reply reply(static_cast<redisReply*>(raw));
  if (reply != nullptr && under_way_ == 0) {
    lose("it says what it was not asked for");
    return nullptr;
  }
  if (reply != nullptr) {
    --under_way_;
  }
  return reply;
}

// Once: what came is worked on before more is asked for. It counts as heard before it is worked on:
// else a thread that had no core for long would take its own silence for the server's.
void Link::read(std::int64_t now_ns) noexcept {
  next_look_ns_ = now_ns + kBetweenLooksNs;
  redisContext& context = *context_;
  const std::size_t unread_bytes = context.reader->len;
  if (redisBufferRead(&context) != REDIS_OK) {
    lose(context.errstr);
  } else if (context.reader->len > unread_bytes) {
    last_heard_ns_ = now_ns;
  }
}

bool Link::tend(std::int64_t now_ns) noexcept {
  if (context_ != nullptr && under_way_ > 0) {
    write();
  }
  if (context_ != nullptr && (under_way_ > 0 || now_ns >= next_look_ns_)) {
    read(now_ns);
  }
  if (!up() && !given_up_) {
    come_back(now_ns);
  } else if (up() && under_way_ > 0 &&
             now_ns - last_heard_ns_ > run_.timeout_ns + allowed_wait_ns_) {
    lose("it does not answer");
  }
  return std::exchange(was_lost_, false);
}

void Link::lose(std::string_view why) noexcept {
  if (up()) {
    run_.troubles.add(fmt::format("redis: {}: the connection was lost: {}", purpose_, why));
    outage_began_ns_ = clock_.now_ns();
    was_lost_ = true;
  }
  try_later(why);
}

void Link::try_later(std::string_view why) noexcept {
  why_ = why;  // before the context goes, whose text it may be
  next_attempt_ns_ = clock_.now_ns() + backoff_.next_ns();
  drop();
}

void Link::drop() noexcept {
  context_.reset();
  outbox_.clear();
  written_ = 0;
  under_way_ = 0;
}

// One step towards a connection that is up.
void Link::come_back(std::int64_t now_ns) noexcept {
  if (now_ns - outage_began_ns_ > run_.timeout_ns) {
    give_up(fmt::format("the connection did not come back within {} s ({})",
                        static_cast<double>(run_.timeout_ns) / 1e9, why_));
  } else if (context_ != nullptr) {
    await_greeting();
    if (context_ != nullptr && !up() &&
        now_ns - last_heard_ns_ >
            attempt_limit_ns(run_.timeout_ns, last_heard_ns_ - outage_began_ns_)) {
      try_later("it does not answer");
    }
  } else if (now_ns >= next_attempt_ns_) {
    begin_again();
  }
}

void Link::give_up(const std::string& why) noexcept {
  run_.troubles.give_up(fmt::format("redis: {}: given up: {}", purpose_, why));
  drop();
  given_up_ = true;
}

void Link::begin_again() noexcept {
  const Endpoint& server = run_.address.first();
  context_.reset(redisConnectNonBlock(server.host.c_str(), server.port));
  if (context_ == nullptr || context_->err != 0) {
    try_later(context_ == nullptr ? "out of memory" : context_->errstr);
    return;
  }
  why_ = "it does not answer";
  greeting_replies_left_ = return_replies_;
  made_anew_ = 0;
  outbox_ = return_commands_;
  send(static_cast<std::size_t>(return_replies_));
}

void Link::await_greeting() noexcept {
  while (const Reply reply = next_reply()) {
    const bool of_stream = greeting_replies_left_ <= return_replies_ - greeting_.replies;
    if (is_error(*reply) && !(of_stream && text_of(*reply).starts_with("BUSYGROUP"))) {
      lose(text_of(*reply));
      return;
    }
    made_anew_ += of_stream && !is_error(*reply) ? 1 : 0;
    if (--greeting_replies_left_ == 0) {
      welcome();
      return;
    }
  }
}

void Link::welcome() noexcept {
  backoff_.succeeded();
  if (made_anew_ > 0) {
    run_.troubles.add(fmt::format(
        "redis: {}: the server came back without streams, which are made anew: what it had and "
        "nobody had read is lost",
        purpose_));
  }
}

}  // namespace spate::drivers::redis
