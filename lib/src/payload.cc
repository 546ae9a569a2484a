#include "spate/payload.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "spate/random.h"

namespace spate {
namespace {

std::uint64_t load64(const std::byte* at) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  return word;
}

// The 128-bit product, folded (the step of wyhash, Wang Yi 2019): every input bit reaches every
// output bit, in one multiplication.
std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
  const Uint128 product = Uint128{a} * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

constexpr std::uint64_t kKeyA = 0xa0761d6478bd642fU;
constexpr std::uint64_t kKeyB = 0xe7037ed1a0b428dbU;
constexpr std::size_t kStep = 16;

std::uint64_t absorb(std::uint64_t hash, const std::byte* at) {
  return fold(load64(at) ^ kKeyA ^ hash, load64(at + 8) ^ kKeyB);
}

}  // namespace

Payloads::Payloads(ContentTemplates templates, std::optional<std::uint32_t> fixed_bytes,
                   std::uint64_t run_key, const Message& last)
    : templates_(std::move(templates)),
      fixed_bytes_(fixed_bytes),
      run_key_(run_key),
      max_bytes_(fixed_bytes ? *fixed_bytes : templates_.longest(last)),
      longest_(templates_.with_longest(last)),
      buffer_bytes_(std::max(templates_.longest(last) + ContentTemplate::kSlack, max_bytes_)) {}

std::size_t Payloads::write(const Message& message, std::byte* out) const noexcept {
  std::size_t size = templates_.of(message).render(message, out);
  if (fixed_bytes_) {
    if (size < *fixed_bytes_) {
      std::memset(out + size, ' ', *fixed_bytes_ - size);
    }
    size = *fixed_bytes_;
  }
  return size;
}

std::uint64_t Payloads::checksum(const Message& message,
                                 std::span<const std::byte> payload) const noexcept {
  const std::uint64_t pair = (std::uint64_t{message.sender} << 32) | message.recipient;
  std::uint64_t hash = fold(pair ^ kKeyA ^ run_key_, message.sequence ^ kKeyB);
  const std::uint64_t rest =
      (payload.size() * kMessageTypes + index_of(message.type)) << 16 | message.worker;
  hash = fold(message.ordinal ^ kKeyA ^ hash, rest ^ kKeyB);
  const std::byte* at = payload.data();
  std::size_t left = payload.size();
  for (; left > kStep; left -= kStep, at += kStep) {
    hash = absorb(hash, at);
  }
  if (payload.size() >= kStep) {
    return absorb(hash, at + left - kStep);  // the last step overlaps instead of ending ragged
  }
  std::array<std::byte, kStep> tail{};
  std::copy_n(at, left, tail.begin());
  return absorb(hash, tail.data());
}

}  // namespace spate
