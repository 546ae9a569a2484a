// What a delivery owes, clause by clause, as a person reads it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace spate::bench {

enum class Clause : std::uint8_t {
  returns,
  survives,
  counts,
  copies,
  arrives,
  once,
  sent,
  order,
  bytes,
  settles,
  refuses,
  urgent,
  bound,
  ends,
};

inline constexpr std::array<std::string_view, 14> kPromises{
    "every call returns at once",
    "no call throws or crashes",
    "no call says that it did more than it was asked for",
    "what it takes it copies: the batch is only lent",
    "what it acked arrives",
    "nothing arrives twice",
    "nothing arrives that was not sent, or with another identity",
    "what one sender sends to one recipient keeps its order, in each lane",
    "bytes and checksums arrive as they were sent, and stay until the next call",
    "each message that it took is settled, once, and as the one that it is",
    "what it says it refused does not arrive",
    "urgent messages come before normal ones that wait with them",
    "it takes no more when it is full, and goes on when there is room",
    "it can be stopped and destroyed with messages in it, and the next one begins empty",
};
inline constexpr std::size_t kClauses = kPromises.size();

constexpr std::string_view promise_of(Clause clause) {
  return kPromises[static_cast<std::size_t>(clause)];
}

}  // namespace spate::bench
