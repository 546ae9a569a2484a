#include "direction.h"

#include <algorithm>
#include <cerrno>

namespace spate::proxy {
namespace {

// So many reads, and writes, has a turn.
constexpr int kReads = 8;
constexpr int kWrites = 256;
constexpr std::uint64_t kLargestPiece = 16;

}  // namespace

Direction::Result Direction::turn(Side& from, Side& to, const Turn& turn, bool drops) {
  Result result;
  if (turn.conditions.bytes_per_second != 0) {
    pacer_.set_rate(SteadyClock().now_ns(), turn.conditions.bytes_per_second);
  } else {
    pacer_.set_rate(0, 0);
  }
  read_from(from, to, turn, drops, result);
  if (from.broken && ending_ != Ending::reset) {
    end_with(Ending::reset, turn.conditions);
  }
  write_to(to, turn.conditions, result);
  if (!drops) {
    pass_ending_on(to, result);
  }
  result.again = result.again || may_read(from, turn.conditions);
  return result;
}

bool Direction::may_read(const Side& from, const Conditions& conditions) const {
  return from.readable && !end_read_ && ending_ != Ending::reset &&
         (swallows() || line_.held() < conditions.held_bytes());
}

void Direction::read_from(Side& from, Side& to, const Turn& turn, bool drops, Result& result) {
  for (int left = kReads; left > 0 && may_read(from, turn.conditions); --left) {
    const std::size_t most = turn.conditions.read_bytes();
    const std::span<char> room = turn.scratch.first(owed_ > 0 ? std::min(owed_, most) : most);
    const ssize_t got = recv(from.socket.number(), room.data(), room.size(), 0);
    if (got < 0) {
      from.readable = errno == EINTR;
      from.broken = from.broken || (errno != EAGAIN && errno != EINTR);
      continue;
    }
    if (got == 0) {
      from.readable = false;
      end_read_ = true;
      if (ending_ == Ending::none) {
        end_with(Ending::end, turn.conditions);
      }
      return;
    }
    const auto count = static_cast<std::size_t>(got);
    // Less than there was room for: that was all, unless its end has been told already.
    from.readable = count == room.size() || from.ends;
    if (!swallows()) {
      come(room.first(count), to, turn, drops, result);
    }
  }
}

void Direction::come(std::span<const char> bytes, Side& to, const Turn& turn, bool drops,
                     Result& result) {
  if (!to.broken && drops) {
    lost_ = true;
  } else if (!to.broken) {
    take(bytes, to, turn.conditions, result);
  }
  if (closing_) {
    owed_ -= bytes.size();
    end_where_nothing_is_owed(turn.conditions);
  }
}

// Where nothing stands in the way the bytes go on from where they were read, and only what `to`
// does not take is kept.
void Direction::take(std::span<const char> bytes, Side& to, const Conditions& conditions,
                     Result& result) {
  std::size_t gone = 0;
  if (conditions.free() && line_.empty() && to.writable) {
    gone = write_once(bytes, to, result);
  }
  if (gone < bytes.size()) {
    line_.push(bytes.subspan(gone), due_ns(conditions));
  }
  read_ += bytes.size();
}

void Direction::write_to(Side& to, const Conditions& conditions, Result& result) {
  if (to.broken) {
    line_.clear();
  }
  if (line_.empty() || !to.writable) {
    return;
  }
  const std::int64_t now_ns = SteadyClock().now_ns();
  for (int left = kWrites; left > 0 && to.writable; --left) {
    std::span<const char> due = line_.due(now_ns, conditions.slice ? piece_bytes() : kReadBytes);
    if (due.empty()) {
      result.wake_ns = line_.next_ns();
      return;
    }
    due = due.first(pacer_.allowed(now_ns, due.size()));
    if (due.empty()) {
      result.wake_ns = pacer_.ready_ns(line_.due(now_ns, kReadBytes).size());
      return;
    }
    const std::size_t gone = write_once(due, to, result);
    pacer_.spend(now_ns, gone);
    line_.pop(gone);
  }
  result.again = to.writable && !line_.empty();
}

std::size_t Direction::write_once(std::span<const char> bytes, Side& to, Result& result) {
  const ssize_t gone = send(to.socket.number(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (gone < 0) {
    to.writable = errno == EINTR;
    to.broken = to.broken || (errno != EAGAIN && errno != EINTR);
    return 0;
  }
  const auto count = static_cast<std::size_t>(gone);
  to.writable = count == bytes.size();
  written_ += count;
  result.handed_on += count;
  return count;
}

std::size_t Direction::piece_bytes() const {
  return static_cast<std::size_t>(
      1 + scaled(MessageDraws(draws_, written_).draw(Purpose::way_piece), kLargestPiece));
}

// A reset does not wait for what cannot be written: who resets has thrown it away.
void Direction::pass_ending_on(Side& to, Result& result) {
  if (ending_ == Ending::none || (ending_ == Ending::end && end_passed_)) {
    return;
  }
  if (SteadyClock().now_ns() < ending_due_ns_) {
    result.wake_ns = std::min(result.wake_ns, ending_due_ns_);
  } else if (ending_ == Ending::reset) {
    result.reset = true;
  } else if (line_.empty()) {
    shutdown(to.socket.number(), SHUT_WR);
    end_passed_ = true;
  }
}

void Direction::close_behind(std::size_t owed, const Conditions& conditions) {
  if (!closing_) {
    closing_ = true;
    owed_ = owed;
    end_where_nothing_is_owed(conditions);
  }
}

void Direction::end_where_nothing_is_owed(const Conditions& conditions) {
  if (owed_ == 0 && ending_ == Ending::none) {
    end_with(Ending::end, conditions);
  }
}

void Direction::end_with(Ending ending, const Conditions& conditions) {
  ending_ = ending;
  ending_due_ns_ = due_ns(conditions);
}

// The clock is read after the bytes were: so they are late by no less than they have to be.
std::int64_t Direction::due_ns(const Conditions& conditions) const {
  const std::int64_t now_ns = SteadyClock().now_ns();
  return line_.due_ns(now_ns, conditions.delay_ns(MessageDraws(draws_, read_)));
}

}  // namespace spate::proxy
