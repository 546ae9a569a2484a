#include "link.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/time.h>

#include <cerrno>

#include "commands.h"
#include "spate/error.h"

namespace spate::drivers::redis {
namespace {

constexpr std::int64_t kBetweenAttemptsNs = 20'000'000;

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

Link::Link(const Address& address, std::int64_t timeout_ns, std::string purpose, Troubles& troubles)
    : address_(address),
      greeting_(address),
      timeout_ns_(timeout_ns),
      purpose_(std::move(purpose)),
      troubles_(troubles),
      context_(Session(address, timeout_ns).release()),
      last_heard_ns_(clock_.now_ns()) {
  stop_blocking(*context_);
}

void Link::send(std::size_t replies) noexcept {
  if (under_way_ == 0) {
    last_heard_ns_ = clock_.now_ns();  // from now on an answer may be waited for
  }
  under_way_ += replies;
  redisAppendFormattedCommand(context_.get(), outbox_.data(), outbox_.size());
  outbox_.clear();
  write();
}

void Link::write() noexcept {
  redisContext& context = *context_;
  int done = 0;
  if (redisBufferWrite(&context, &done) != REDIS_OK) {
    lose(context.errstr);
  }
}

Reply Link::receive() noexcept { return up() ? next_reply() : nullptr; }

Reply Link::next_reply() noexcept {
  redisContext& context = *context_;
  void* raw = nullptr;
  if (redisGetReplyFromReader(&context, &raw) != REDIS_OK) {
    lose(context.errstr);
  } else if (raw != nullptr) {
    --under_way_;
    heard_ = true;
  }
  return Reply(static_cast<redisReply*>(raw));
}

// Once: what came is worked on before more is asked for.
void Link::read(std::int64_t now_ns) noexcept {
  if (std::exchange(heard_, false)) {
    last_heard_ns_ = now_ns;
  }
  redisContext& context = *context_;
  if (redisBufferRead(&context) != REDIS_OK) {
    lose(context.errstr);
  }
}

bool Link::tend(std::int64_t now_ns) noexcept {
  if (context_ != nullptr && under_way_ > 0) {
    write();
  }
  if (context_ != nullptr && under_way_ > 0) {
    read(now_ns);
  }
  if (!up() && !given_up_) {
    come_back(now_ns);
  } else if (up() && under_way_ > 0 && now_ns - last_heard_ns_ > timeout_ns_ + allowed_wait_ns_) {
    lose("it does not answer");
  }
  return std::exchange(was_lost_, false);
}

void Link::lose(std::string_view why) noexcept {
  if (up()) {
    troubles_.add(fmt::format("redis: {}: the connection was lost: {}", purpose_, why));
    outage_began_ns_ = clock_.now_ns();
    was_lost_ = true;
  }
  context_.reset();
  outbox_.clear();
  under_way_ = 0;
}

// One step towards a connection that is up.
void Link::come_back(std::int64_t now_ns) noexcept {
  if (now_ns - outage_began_ns_ > timeout_ns_) {
    give_up(fmt::format("the connection did not come back within {} s",
                        static_cast<double>(timeout_ns_) / 1e9));
  } else if (context_ != nullptr) {
    await_greeting();
  } else if (now_ns >= next_attempt_ns_) {
    next_attempt_ns_ = now_ns + kBetweenAttemptsNs;
    begin_again();
  }
}

void Link::give_up(const std::string& why) noexcept {
  troubles_.give_up(fmt::format("redis: {}: given up: {}", purpose_, why));
  context_.reset();
  outbox_.clear();
  under_way_ = 0;
  given_up_ = true;
}

void Link::begin_again() noexcept {
  const Endpoint& server = address_.first();
  context_.reset(redisConnectNonBlock(server.host.c_str(), server.port));
  if (context_ == nullptr || context_->err != 0) {
    context_.reset();
    return;
  }
  greeting_replies_left_ = greeting_.replies;
  outbox_ = greeting_.commands;
  send(static_cast<std::size_t>(greeting_.replies));
}

void Link::await_greeting() noexcept {
  while (const Reply reply = next_reply()) {
    if (is_error(*reply)) {
      lose(text_of(*reply));
      return;
    }
    --greeting_replies_left_;
  }
}

}  // namespace spate::drivers::redis
