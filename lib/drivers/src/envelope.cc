#include "spate/drivers/envelope.h"

#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

namespace spate::drivers {
namespace {

struct Header {
  std::uint64_t run_key;
  std::uint64_t checksum;
  Message message;
};
static_assert(sizeof(Header) == Envelope::kHeaderBytes);
static_assert(std::is_trivially_copyable_v<Header>);

Received alien() {
  Received received;
  received.message.sender = std::numeric_limits<AgentId>::max();
  return received;
}

}  // namespace

std::size_t Envelope::write(const Message& message, std::byte* out) const noexcept {
  const std::size_t size = payloads_->write(message, out + kHeaderBytes);
  const Header header{payloads_->run_key(),
                      payloads_->checksum(message, {out + kHeaderBytes, size}), message};
  std::memcpy(out, &header, sizeof header);
  return kHeaderBytes + size;
}

Received Envelope::read(std::span<const std::byte> bytes) const noexcept {
  if (bytes.size() < kHeaderBytes) {
    return alien();
  }
  Header header;
  std::memcpy(&header, bytes.data(), sizeof header);
  if (header.run_key != payloads_->run_key()) {
    return alien();
  }
  return {header.message, bytes.subspan(kHeaderBytes), header.checksum};
}

}  // namespace spate::drivers
