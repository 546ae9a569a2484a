// The deliveries that the suite runs over: one list. A new one needs one line in deliveries.cc.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <ostream>
#include <span>

#include "spate/chaos.h"
#include "spate/delivery.h"
#include "spate/payload.h"
#include "spate/run_plan.h"

namespace spate::conformance {

// Of a prefetch: a library's own, which stops at so many bytes.
inline constexpr std::size_t kUnbounded = std::numeric_limits<std::size_t>::max();

struct Candidate {
  const char* name;
  // `capacity`: how many messages of one worker may be under way, at the most.
  AnyDelivery (*make)(const RunPlan& plan, const std::shared_ptr<const Payloads>& payloads,
                      std::uint32_t capacity);
  ChaosProfile chaos;
  bool keeps_order;      // of sender, recipient and lane
  bool refuses;          // by chance
  bool has_mock_digest;  // draws that only it makes
  // Of a broker: the driver's name, which is empty for others, and how many normal messages may be
  // on their way to the consumer already, so that an urgent one comes after them.
  const char* broker = "";
  std::size_t prefetch = 0;
};

std::span<const Candidate> candidates();

inline std::ostream& operator<<(std::ostream& out, const Candidate& candidate) {
  return out << candidate.name;
}

}  // namespace spate::conformance
