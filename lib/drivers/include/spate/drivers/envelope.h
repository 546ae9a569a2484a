// How a message looks on its way through a broker: a header of 64 bytes, then its content.
//
// The process that writes it reads it, so numbers stand in the machine's own order.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <utility>

#include "spate/delivery.h"
#include "spate/payload.h"

namespace spate::drivers {

// Of one run. Immutable; any thread.
class Envelope {
 public:
  static constexpr std::size_t kHeaderBytes = 64;

  explicit Envelope(std::shared_ptr<const Payloads> payloads) : payloads_(std::move(payloads)) {}

  std::uint64_t run_key() const { return payloads_->run_key(); }
  // No message of this run is longer.
  std::size_t max_bytes() const { return kHeaderBytes + payloads_->max_bytes(); }
  // The size of buffer that write() needs.
  std::size_t buffer_bytes() const { return kHeaderBytes + payloads_->buffer_bytes(); }

  // Returns how many bytes the message takes.
  std::size_t write(const Message& message, std::byte* out) const noexcept;

  // What was received; it refers to `bytes`. Bytes that are too short, not ours, or of another run
  // become an alien: a message whose sender nobody is, which the ledger counts as such. What was
  // damaged on the way the checksum tells.
  Received read(std::span<const std::byte> bytes) const noexcept;

 private:
  std::shared_ptr<const Payloads> payloads_;
};

}  // namespace spate::drivers
