// The bytes that a real queue carries, and the checksum that its receiver verifies.
//
// A delivery that moves bytes renders them straight into its own buffer; the mock renders nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include "spate/content.h"
#include "spate/message.h"

namespace spate {

// Immutable; any thread.
class Payloads {
 public:
  // `fixed_bytes`: pad or cut every content to so many bytes. `run_key`: tells this run's messages
  // from those of another run that may still linger in a broker. `last`: the message with the
  // largest agent and sequence number, which bounds the length of any content.
  Payloads(ContentTemplates templates, std::optional<std::uint32_t> fixed_bytes,
           std::uint64_t run_key, const Message& last);

  // No other run has it.
  std::uint64_t run_key() const { return run_key_; }
  // No content of this run is longer.
  std::size_t max_bytes() const { return max_bytes_; }
  // One whose content is about as long.
  const Message& longest() const { return longest_; }
  // The size of buffer that write() needs: it copies in blocks, and may touch more than it reports.
  std::size_t buffer_bytes() const { return buffer_bytes_; }

  // Renders the content of `message` to `out`, which holds buffer_bytes(); returns its size.
  std::size_t write(const Message& message, std::byte* out) const noexcept;

  // Over identity and bytes: a swapped header is found like a flipped bit. 64 bits, for accidents;
  // no protection against intent. In a batch, write all before the first is summed up: reading
  // bytes that were stored a moment ago, in pieces of other sizes, stalls the processor.
  std::uint64_t checksum(const Message& message, std::span<const std::byte> payload) const noexcept;

 private:
  ContentTemplates templates_;
  std::optional<std::uint32_t> fixed_bytes_;
  std::uint64_t run_key_;
  std::size_t max_bytes_;
  Message longest_;
  std::size_t buffer_bytes_;
};

}  // namespace spate
