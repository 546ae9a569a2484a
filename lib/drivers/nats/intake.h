// How many messages of a place the server may send, and asking it for more.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "nats_run.h"
#include "wire.h"

namespace spate::drivers::nats {

// The server sends what it is asked for, and no more. So it is asked again when half of that has
// been handed over: it never waits for us, and no more than the window is on its way. What there is
// not yet it sends as soon as it comes; a request without messages it ends after a while, and until
// then it says now and then that it is there. The first request is for one message at once, so that
// it is known when the server has begun.
class Intake {
 public:
  Intake(const NatsRun& run, std::size_t place);

  // So long the server may keep silent at the most while it has nothing to send.
  static std::int64_t heartbeat_ns(std::int64_t timeout_ns);

  // There is a reader that was not asked for anything yet.
  void begin(const Reader& reader);
  void ask(Wire& wire) noexcept;
  // One of what was asked for has been handed over.
  void handed_over() noexcept { end_of(1); }
  // What came instead of a message.
  void heed(natsMsg& status) noexcept;
  // Whether a message has come, or it was said that there is none.
  bool begun() const { return begun_; }
  // Why nothing will come any more; empty: it will.
  const std::string& complaint() const { return complaint_; }

 private:
  // So many of what was asked for have come, or will not.
  void end_of(std::size_t messages) noexcept;

  std::size_t window_;
  std::string heartbeat_;
  std::string inbox_;
  std::string subject_;  // of requests
  std::size_t asked_for_ = 0;
  bool begun_ = false;
  std::string complaint_;
};

}  // namespace spate::drivers::nats
