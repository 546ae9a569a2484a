#include "link.h"

#include <fmt/format.h>

#include <chrono>
#include <exception>

namespace spate::drivers::nats {
// --- Revival ---

Revival::Revival(Renewal& renewal, const Outage& outage)
    : renewal_(renewal), outage_(outage), thread_([this] { run(); }) {}

Revival::~Revival() {
  stop();
  thread_.join();
}

void Revival::stop() {
  const std::lock_guard lock(mutex_);
  stop_ = true;
  stopping_.notify_one();
}

std::string Revival::reason() {
  const std::lock_guard lock(mutex_);
  return reason_;
}

void Revival::run() noexcept {
  std::unique_lock lock(mutex_);
  const auto stopped_in = [&](std::int64_t ns) {
    return stopping_.wait_for(lock, std::chrono::nanoseconds(ns), [this] { return stop_; });
  };
  while (wire_ == nullptr && !stopped_in(renewal_.backoff.next_ns())) {
    lock.unlock();
    std::string reason;
    try {
      const std::int64_t away_ns = clock_.now_ns() - outage_.began_ns;
      wire_ =
          renewal_.connect({attempt_limit_ns(outage_.timeout_ns, away_ns), /*one_of_many=*/true});
      renewal_.backoff.succeeded();
    } catch (const std::exception& error) {
      reason = error.what();
    }
    lock.lock();
    reason_ = std::move(reason);
  }
  // Pairs with the acquire in take: the other thread sees all that was done to the connection.
  done_.store(true, std::memory_order_release);
}

std::unique_ptr<Wire> Revival::take() {
  // Pairs with the release in run.
  return done_.load(std::memory_order_acquire) ? std::move(wire_) : nullptr;
}

// --- Link ---

Link::Link(Renewal renewal, std::int64_t timeout_ns, std::string purpose, Troubles& troubles)
    : renewal_(std::make_unique<Renewal>(std::move(renewal))),
      timeout_ns_(timeout_ns),
      purpose_(std::move(purpose)),
      troubles_(&troubles),
      wire_(renewal_->connect({timeout_ns})) {}

bool Link::tend(std::int64_t now_ns) noexcept {
  if (wire_ != nullptr) {
    wire_->read();
    if (wire_->lost()) {
      lose(wire_->why_lost());
    }
  } else if (!given_up_) {
    come_back(now_ns);
  }
  return std::exchange(was_lost_, false);
}

void Link::write() noexcept {
  if (up()) {
    wire_->write();
  }
}

void Link::lose(const std::string& why) noexcept {
  say(fmt::format("the connection was lost: {}", why));
  wire_.reset();
  outage_began_ns_ = clock_.now_ns();
  was_lost_ = true;
}

void Link::say(const std::string& what) noexcept {
  troubles_->add(fmt::format("nats: {}: {}", purpose_, what));
}

void Link::come_back(std::int64_t now_ns) noexcept {
  try {
    if (revival_ == nullptr) {
      revival_ = std::make_unique<Revival>(*renewal_, Outage{outage_began_ns_, timeout_ns_});
    }
    wire_ = revival_->take();
  } catch (const std::exception&) {
    revival_ = nullptr;  // no thread is to be had now; perhaps in the next round
  }
  if (wire_ != nullptr) {
    revival_ = nullptr;
  } else if (now_ns - outage_began_ns_ > timeout_ns_) {
    give_up();
  }
}

void Link::give_up() noexcept {
  const std::string reason = revival_ == nullptr ? "no thread is to be had" : revival_->reason();
  troubles_->give_up(
      fmt::format("nats: {}: given up: the connection did not come back within {} s ({})", purpose_,
                  static_cast<double>(timeout_ns_) / 1e9, reason));
  given_up_ = true;
  if (revival_ != nullptr) {
    revival_->stop();
  }
}

}  // namespace spate::drivers::nats
