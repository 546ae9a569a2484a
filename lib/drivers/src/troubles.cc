#include "spate/drivers/troubles.h"

#include <algorithm>
#include <utility>

#include "spate/clock.h"

namespace spate::drivers {

void Troubles::add(const std::string& text) noexcept {
  const std::lock_guard lock(mutex_);
  const std::string& said = lines_.size() < kMostLines ? text : lines_.back().text;
  const auto same = [&](const Line& line) { return line.text == text || line.text == said; };
  const auto found = std::find_if(lines_.begin(), lines_.end(), same);
  if (found != lines_.end()) {
    ++found->times;
  } else {
    lines_.push_back(
        {lines_.size() + 1 < kMostLines ? text : "and others", 1, SteadyClock{}.now_ns()});
  }
}

void Troubles::give_up(const std::string& text) noexcept {
  given_up_.store(true, std::memory_order_relaxed);
  add(text);
}

std::vector<Troubles::Line> Troubles::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(lines_, {});
}

}  // namespace spate::drivers
