#include "pacer.h"

#include <algorithm>

#include "spate/random.h"

namespace spate::proxy {
namespace {

constexpr std::uint64_t kSecondNs = 1'000'000'000;
constexpr std::int64_t kSlackNs = 10'000'000;
constexpr std::int64_t kWakeNs = 5'000'000;

std::size_t bytes_in(std::int64_t span_ns, std::uint64_t rate) {
  return static_cast<std::size_t>(Uint128{static_cast<std::uint64_t>(span_ns)} * rate / kSecondNs);
}

}  // namespace

void Pacer::set_rate(std::int64_t now_ns, std::uint64_t bytes_per_second) {
  if (rate_ != bytes_per_second) {
    rate_ = bytes_per_second;
    free_ns_ = now_ns;
  }
}

std::size_t Pacer::allowed(std::int64_t now_ns, std::size_t wanted) const {
  if (rate_ == 0) {
    return wanted;
  }
  const std::int64_t unused_ns = std::clamp<std::int64_t>(now_ns - free_ns_, 0, slack_ns());
  return std::min(wanted, bytes_in(unused_ns, rate_));
}

void Pacer::spend(std::int64_t now_ns, std::size_t count) {
  if (rate_ != 0) {
    free_ns_ = std::max(free_ns_, now_ns - slack_ns()) + time_of(count);
  }
}

std::int64_t Pacer::ready_ns(std::size_t wanted) const {
  if (rate_ == 0) {
    return kNotYet;
  }
  const std::size_t worth = std::max<std::size_t>(bytes_in(kWakeNs, rate_), 1);
  return free_ns_ + time_of(std::min(wanted, worth));
}

std::int64_t Pacer::time_of(std::size_t count) const {
  return static_cast<std::int64_t>((Uint128{count} * kSecondNs + rate_ - 1) / rate_);
}

std::int64_t Pacer::slack_ns() const { return std::max(kSlackNs, time_of(1)); }

}  // namespace spate::proxy
