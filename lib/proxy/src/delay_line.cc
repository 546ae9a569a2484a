#include "delay_line.h"

#include <algorithm>
#include <numeric>

namespace spate::proxy {

std::int64_t DelayLine::due_ns(std::int64_t now_ns, std::int64_t delay_ns) const {
  return std::max(now_ns + delay_ns, last_due_ns_);
}

void DelayLine::push(std::span<const char> bytes, std::int64_t due_ns) {
  if (bytes.empty()) {
    return;  // a mark of nothing would never be taken away
  }
  for (auto rest = bytes; !rest.empty();) {
    if (chunks_.empty() || chunks_.back().size() == kChunkBytes) {
      chunks_.emplace_back();
    }
    rest = rest.subspan(append(chunks_.back(), rest));
  }
  bytes_ += bytes.size();
  if (!marks_.empty() && marks_.back().due_ns == due_ns) {
    marks_.back().count += bytes.size();
  } else {
    marks_.push_back({due_ns, bytes.size()});
  }
  last_due_ns_ = due_ns;
}

// As many as there is room for. A chunk doubles until it is whole: most connections hold little.
std::size_t DelayLine::append(std::vector<char>& chunk, std::span<const char> bytes) {
  const std::size_t some = std::min(bytes.size(), kChunkBytes - chunk.size());
  if (chunk.size() + some > chunk.capacity()) {
    chunk.reserve(std::min(kChunkBytes, std::max(chunk.size() + some, 2 * chunk.capacity())));
  }
  chunk.insert(chunk.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(some));
  return some;
}

std::size_t DelayLine::capacity() const {
  return std::accumulate(chunks_.begin(), chunks_.end(), std::size_t{0},
                         [](std::size_t sum, const auto& chunk) { return sum + chunk.capacity(); });
}

std::span<const char> DelayLine::due(std::int64_t now_ns, std::size_t most) const {
  std::size_t count = 0;
  for (const Mark& mark : marks_) {
    if (mark.due_ns > now_ns || count >= most) {
      break;
    }
    count += mark.count;
  }
  if (count == 0) {
    return {};
  }
  const auto chunk = std::span(chunks_.front()).subspan(front_);
  return chunk.first(std::min({count, most, chunk.size()}));
}

void DelayLine::pop(std::size_t count) {
  if (count == 0) {
    return;  // there may be no chunk
  }
  bytes_ -= count;
  front_ += count;
  if (front_ == chunks_.front().size()) {
    chunks_.pop_front();
    front_ = 0;
  }
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

void DelayLine::clear() {
  chunks_.clear();
  front_ = 0;
  bytes_ = 0;
  marks_.clear();
}

}  // namespace spate::proxy
