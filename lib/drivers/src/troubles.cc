#include "spate/drivers/troubles.h"

#include <algorithm>
#include <utility>

#include "spate/clock.h"

namespace spate::drivers {

void Troubles::add(const std::string& text) noexcept {
  const std::lock_guard lock(mutex_);
  if (times_.size() < kMostTimes) {
    times_.push_back(SteadyClock{}.now_ns());
  }
  const std::string& said = lines_.size() < kMostLines ? text : lines_.back().text;
  const auto same = [&](const Line& line) { return line.text == text || line.text == said; };
  const auto found = std::find_if(lines_.begin(), lines_.end(), same);
  if (found != lines_.end()) {
    ++found->times;
  } else {
    lines_.push_back({lines_.size() + 1 < kMostLines ? text : "and others", 1});
  }
}

void Troubles::give_up(const std::string& text) noexcept {
  given_up_.store(true, std::memory_order_relaxed);
  add(text);
}

std::int64_t Troubles::first_said_since(std::int64_t ns) {
  const std::lock_guard lock(mutex_);
  const auto found = std::lower_bound(times_.begin(), times_.end(), ns);
  return found == times_.end() ? kNever : *found;
}

std::vector<Troubles::Line> Troubles::take() {
  const std::lock_guard lock(mutex_);
  times_.clear();
  return std::exchange(lines_, {});
}

}  // namespace spate::drivers
