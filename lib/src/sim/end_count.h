// How many attempts have ended in virtual time.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <queue>
#include <vector>

namespace spate {

// Counts only when it is asked: in most runs there is room for everything, and then the order in
// which the attempts end does not matter to anybody. One thread.
class EndCount {
 public:
  void end_now() { ++known_; }
  // Told in advance, at now_ns.
  void end_at(std::int64_t now_ns, std::int64_t end_ns) {
    unsorted_.push_back(end_ns);
    if (unsorted_.size() == forget_at_) {
      forget_ended(now_ns);
    }
  }

  // So many at least; costs nothing.
  std::uint64_t at_least() const { return known_; }
  // Exactly so many by now_ns, which never falls from call to call.
  std::uint64_t by(std::int64_t now_ns) {
    for (const std::int64_t end_ns : unsorted_) {
      if (end_ns <= now_ns) {
        ++known_;
      } else {
        pending_.push(end_ns);
      }
    }
    unsorted_.clear();
    while (!pending_.empty() && pending_.top() <= now_ns) {
      pending_.pop();
      ++known_;
    }
    return known_;
  }

 private:
  static constexpr std::size_t kLeast = 1024;

  // Amortised constant time an end: half of them at least are new.
  void forget_ended(std::int64_t now_ns) {
    known_ += std::erase_if(unsorted_, [&](std::int64_t end_ns) { return end_ns <= now_ns; });
    forget_at_ = std::max(kLeast, 2 * unsorted_.size());
  }

  std::uint64_t known_ = 0;
  std::vector<std::int64_t> unsorted_;
  std::size_t forget_at_ = kLeast;
  std::priority_queue<std::int64_t, std::vector<std::int64_t>, std::greater<>> pending_;
};

}  // namespace spate
