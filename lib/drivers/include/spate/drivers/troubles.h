// What went wrong on the way to a broker, for people.
#pragma once

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

  void add(const std::string& text) noexcept;
  // What was added since the last call, in the order in which it was first said.
  std::vector<Line> take();

 private:
  std::mutex mutex_;
  std::vector<Line> lines_;
};

}  // namespace spate::drivers
