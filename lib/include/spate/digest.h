// The digest: one number over everything that the seed fixed in a run. Each expected delivery adds
// a term, and addition modulo 2^64 does not care for order, so runs with other threads, modes or
// machines have the same digest if, and only if but for chance, they drew the same.
#pragma once

#include <cstdint>

#include "spate/message.h"
#include "spate/random.h"

namespace spate {

// What a delivery is, without what becomes of it; for who has several terms of one delivery.
constexpr std::uint64_t digest_identity(const Message& message) {
  const std::uint64_t pair = (std::uint64_t{message.sender} << 32) | message.recipient;
  return mix64(mix64(pair) + message.sequence) + index_of(message.type);
}
// `verdict`: what chance decided for this delivery, as a number.
constexpr std::uint64_t digest_term(std::uint64_t identity, std::uint64_t verdict) {
  return mix64(identity + verdict * kMessageTypes);
}
constexpr std::uint64_t digest_term(const Message& message, std::uint64_t verdict) {
  return digest_term(digest_identity(message), verdict);
}

}  // namespace spate
