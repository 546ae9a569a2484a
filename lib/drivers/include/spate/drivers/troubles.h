// What went wrong on the way to a broker, for people.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

namespace spate::drivers {

// Lines, each with how often it was said. Any thread; it takes a lock, so it is for what is rare.
class Troubles {
 public:
  struct Line {
    std::string text;
    std::uint64_t times = 0;
  };

  // Beyond so many different lines the rest are counted as one.
  static constexpr std::size_t kMostLines = 16;
  // Of no more than so many is it remembered when they were said: the first since the last take().
  static constexpr std::size_t kMostTimes = 65'536;

  void add(const std::string& text) noexcept;
  // The same, and from now on nothing is sent or received any more by whoever says it.
  void give_up(const std::string& text) noexcept;
  // When something was first said at that time (on the SteadyClock) or after it, since the last
  // take(); kNever: nothing was, or too much before it to remember.
  std::int64_t first_said_since(std::int64_t ns);
  // What was added since the last call, in the order in which it was first said.
  std::vector<Line> take();
  // Whether somebody gave up since the last call.
  bool take_given_up() noexcept { return given_up_.exchange(false, std::memory_order_relaxed); }

 private:
  std::mutex mutex_;
  std::vector<Line> lines_;
  std::vector<std::int64_t> times_;    // ascending: taken under the lock
  std::atomic<bool> given_up_{false};  // relaxed: it publishes nothing
};

}  // namespace spate::drivers
