#include "delay_line.h"

#include <algorithm>

namespace spate::proxy {

std::int64_t DelayLine::due_ns(std::int64_t now_ns, std::int64_t delay_ns) const {
  return std::max(now_ns + delay_ns, last_due_ns_);
}

void DelayLine::push(std::span<const char> bytes, std::int64_t due_ns) {
  if (front_ > bytes_.size() / 2) {
    bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(front_));
    front_ = 0;
  }
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  if (!marks_.empty() && marks_.back().due_ns == due_ns) {
    marks_.back().count += bytes.size();
  } else {
    marks_.push_back({due_ns, bytes.size()});
  }
  last_due_ns_ = due_ns;
}

std::span<const char> DelayLine::due(std::int64_t now_ns, std::size_t most) const {
  std::size_t count = 0;
  for (const Mark& mark : marks_) {
    if (mark.due_ns > now_ns || count >= most) {
      break;
    }
    count += mark.count;
  }
  return std::span(bytes_).subspan(front_, std::min(count, most));
}

void DelayLine::pop(std::size_t count) {
  front_ += count;
  while (count > 0) {
    Mark& mark = marks_.front();
    const std::size_t some = std::min(count, mark.count);
    mark.count -= some;
    count -= some;
    if (mark.count == 0) {
      marks_.pop_front();
    }
  }
  if (marks_.empty()) {
    clear();
  }
}

// Memory is given back: most connections hold nothing most of the time.
void DelayLine::clear() {
  bytes_ = {};
  front_ = 0;
  marks_.clear();
}

}  // namespace spate::proxy
