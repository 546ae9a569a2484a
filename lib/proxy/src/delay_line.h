// Bytes on their way, each with the time from which on it may arrive.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "spate/clock.h"

namespace spate::proxy {

// They leave in the order in which they came, so none is due before the one ahead of it. One
// thread.
class DelayLine {
 public:
  // When something is due that comes now and is to be `delay_ns` late: not before what came before.
  std::int64_t due_ns(std::int64_t now_ns, std::int64_t delay_ns) const;

  // Precondition: `due_ns` is one that due_ns() gave since the last push.
  void push(std::span<const char> bytes, std::int64_t due_ns);
  // The bytes at the front that are due; once there are `most`, no more are looked for.
  std::span<const char> due(std::int64_t now_ns, std::size_t most) const;
  // Takes the first `count` bytes away.
  void pop(std::size_t count);
  void clear();

  bool empty() const { return marks_.empty(); }
  // Memory, more or less: many small pieces count for more than their bytes.
  std::size_t held() const { return bytes_.size() - front_ + marks_.size() * sizeof(Mark); }
  // When the first byte is due. kNever: there is none.
  std::int64_t next_ns() const { return marks_.empty() ? kNever : marks_.front().due_ns; }

 private:
  struct Mark {
    std::int64_t due_ns;
    std::size_t count;  // so many bytes, behind those of the mark before
  };

  // Those before front_ are gone; they are moved over when they are more than half.
  std::vector<char> bytes_;
  std::size_t front_ = 0;
  std::deque<Mark> marks_;
  std::int64_t last_due_ns_ = kNotYet;
};

}  // namespace spate::proxy
