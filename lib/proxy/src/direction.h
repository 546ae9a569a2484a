// One direction of a connection: what comes from one side goes to the other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "conditions.h"
#include "delay_line.h"
#include "pacer.h"
#include "sockets.h"
#include "spate/clock.h"
#include "spate/random.h"

namespace spate::proxy {

// A socket, and what epoll has told of it. It tells changes only, so each is true until a call has
// shown that it is so no more.
struct Side {
  Descriptor socket;
  bool readable = false;
  bool writable = false;
  bool ends = false;    // behind what there is to read comes the end
  bool broken = false;  // reset by the other side
};

// What a turn needs: under which conditions, and memory to read into that all turns share.
struct Turn {
  const Conditions& conditions;
  std::span<char> scratch;  // kReadBytes
};

// In a turn as much goes on as can and is due, up to a bound, so that others have their turns too.
// One thread; no function waits.
class Direction {
 public:
  // What it decides by chance depends on `draws` and on how many bytes came before.
  explicit Direction(MessageDraws::Sender draws) : draws_(draws) {}

  struct Result {
    std::int64_t wake_ns = kNever;  // when something becomes due that nobody else will tell
    std::uint64_t handed_on = 0;    // bytes
    bool again = false;             // more could go on at once
    bool reset = false;             // `to` is to be reset
  };
  // `drops`: what comes is lost, and an end is not passed on.
  Result turn(Side& from, Side& to, const Turn& turn, bool drops);

  // What is held goes on, and the next `owed` bytes, then the end; what comes behind them is
  // swallowed. A second time changes nothing.
  void close_behind(std::size_t owed, const Conditions& conditions);

  // The end has come from the one side and gone to the other.
  bool finished() const { return end_read_ && end_passed_; }
  bool lost_bytes() const { return lost_; }

 private:
  enum class Ending { none, end, reset };

  void read_from(Side& from, Side& to, const Turn& turn, bool drops, Result& result);
  bool may_read(const Side& from, const Conditions& conditions) const;
  bool swallows() const { return closing_ && owed_ == 0; }
  void come(std::span<const char> bytes, Side& to, const Turn& turn, bool drops, Result& result);
  void take(std::span<const char> bytes, Side& to, const Conditions& conditions, Result& result);
  void write_to(Side& to, const Conditions& conditions, Result& result);
  std::size_t write_once(std::span<const char> bytes, Side& to, Result& result);
  std::size_t piece_bytes() const;
  void pass_ending_on(Side& to, Result& result);
  void end_where_nothing_is_owed(const Conditions& conditions);
  void end_with(Ending ending, const Conditions& conditions);
  std::int64_t due_ns(const Conditions& conditions) const;

  MessageDraws::Sender draws_;
  DelayLine line_;
  Pacer pacer_;
  std::uint64_t read_ = 0;     // bytes, over all
  std::uint64_t written_ = 0;  // bytes, over all
  Ending ending_ = Ending::none;
  std::int64_t ending_due_ns_ = kNever;
  bool end_read_ = false;
  bool end_passed_ = false;
  bool closing_ = false;  // owed_ bytes are let through yet, and then the end
  std::size_t owed_ = 0;
  bool lost_ = false;
};

}  // namespace spate::proxy
