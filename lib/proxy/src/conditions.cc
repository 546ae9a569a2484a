#include "conditions.h"

#include <algorithm>
#include <numeric>

namespace spate::proxy {
namespace {

constexpr std::uint64_t kGigabit = 125'000'000;  // bytes per second
constexpr std::uint64_t kSecondNs = 1'000'000'000;

void add_to(Conditions& sum, const Fault& fault) {
  switch (fault.kind) {
    case Fault::Kind::latency:
      sum.add_ns += fault.add_ns;
      if (fault.jitter_ns > 0) {
        sum.jitters_ns.push_back(fault.jitter_ns);
      }
      break;
    case Fault::Kind::bandwidth:
      sum.bytes_per_second = sum.bytes_per_second == 0
                                 ? fault.bytes_per_second
                                 : std::min(sum.bytes_per_second, fault.bytes_per_second);
      break;
    case Fault::Kind::blackhole:
      sum.blackhole = true;
      break;
    case Fault::Kind::slice:
      sum.slice = true;
      break;
    case Fault::Kind::drop_acks:
      sum.drop_acks = true;
      break;
    default:
      break;  // over at once
  }
}

}  // namespace

std::int64_t Conditions::delay_ns(const MessageDraws& draws) const {
  std::int64_t sum_ns = add_ns;
  for (std::size_t index = 0; index < jitters_ns.size(); ++index) {
    const auto bound = static_cast<std::uint64_t>(jitters_ns[index]) + 1;
    sum_ns += static_cast<std::int64_t>(
        scaled(draws.draw(Purpose::way_jitter, static_cast<AgentId>(index)), bound));
  }
  return sum_ns;
}

std::size_t Conditions::read_bytes() const {
  constexpr std::uint64_t kLeast = 4096;
  return bytes_per_second == 0
             ? kReadBytes
             : std::clamp<std::uint64_t>(bytes_per_second / 50, kLeast, kReadBytes);
}

std::size_t Conditions::held_bytes() const {
  const std::int64_t delay_ns = std::accumulate(jitters_ns.begin(), jitters_ns.end(), add_ns);
  const std::uint64_t rate =
      bytes_per_second == 0 ? kGigabit : std::min(bytes_per_second, kGigabit);
  const Uint128 under_way = Uint128{static_cast<std::uint64_t>(delay_ns)} * rate / kSecondNs;
  return under_way >= kUnderWayBytes ? kUnderWayBytes : static_cast<std::size_t>(under_way) + 1;
}

void FaultsInForce::begin(const Fault& fault) {
  faults_.push_back(fault);
  add_up();
}

void FaultsInForce::end(const Fault& fault) {
  const auto one = std::find(faults_.begin(), faults_.end(), fault);
  if (one != faults_.end()) {
    faults_.erase(one);
    add_up();
  }
}

void FaultsInForce::add_up() {
  conditions_ = {};
  for (const Fault& fault : faults_) {
    add_to(conditions_, fault);
  }
}

}  // namespace spate::proxy
