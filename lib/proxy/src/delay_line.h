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
  // Bytes at the front that are due, at most `most`; there may be more. None: none is due.
  std::span<const char> due(std::int64_t now_ns, std::size_t most) const;
  // Takes the first `count` bytes away. Precondition: due() gave so many.
  void pop(std::size_t count);
  void clear();

  bool empty() const { return marks_.empty(); }
  // Memory, more or less: many small pieces count for more than their bytes.
  std::size_t held() const { return bytes_ + marks_.size() * sizeof(Mark); }
  // So much memory is taken for the bytes: little more than for those that are held.
  std::size_t capacity() const;
  // When the first byte is due. kNever: there is none.
  std::int64_t next_ns() const { return marks_.empty() ? kNever : marks_.front().due_ns; }

 private:
  struct Mark {
    std::int64_t due_ns;
    std::size_t count;  // so many bytes, behind those of the mark before
  };

  static constexpr std::size_t kChunkBytes = std::size_t{1} << 16;
  static std::size_t append(std::vector<char>& chunk, std::span<const char> bytes);

  // All but the last are full, and given back one by one.
  std::deque<std::vector<char>> chunks_;
  std::size_t front_ = 0;  // those before it are gone from the first chunk
  std::size_t bytes_ = 0;
  std::deque<Mark> marks_;
  std::int64_t last_due_ns_ = kNotYet;
};

}  // namespace spate::proxy
