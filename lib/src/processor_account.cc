#include "spate/processor_account.h"

#include <fmt/format.h>

#include "spate/error.h"

namespace spate {
namespace {

std::uint64_t checked(const char* name, std::uint64_t value, std::uint64_t most) {
  if (value < 1 || value > most) {
    throw Error(fmt::format("processor {} {}: out of range; give 1 to {}", name, value, most));
  }
  return value;
}

}  // namespace

void refuse_empty_callback() {
  throw Error("the processor's callback is empty; give one that can be called");
}

ProcessorAccount::ProcessorAccount(const ProcessorSettings& settings)
    : capacity_(checked("capacity", settings.capacity, ProcessorSettings::kMaxCapacity)),
      counts_(checked("threads", settings.threads, ProcessorSettings::kMaxThreads)),
      limit_(capacity_) {
  first_error_.reserve(kErrorBytesMax);  // so that note_error allocates nothing
}

std::uint64_t ProcessorAccount::raised_limit() noexcept {
  const std::uint64_t limit = finished() + capacity_;
  // A submitter that is late may overwrite a higher limit: the next to reach it looks again. Pairs
  // with the acquire in try_claim.
  limit_.store(limit, std::memory_order_release);
  return limit;
}

void ProcessorAccount::note_error(std::string_view what) noexcept {
  const std::lock_guard lock(error_mutex_);
  if (first_error_.empty()) {
    first_error_ = what.substr(0, kErrorBytesMax);
  }
}

ProcessorStatistics ProcessorAccount::statistics() const {
  ProcessorStatistics statistics;
  statistics.refused = refused_.load(std::memory_order_relaxed);
  // In this order. The acquire pairs with the claims' release, so the counts below include those
  // that allowed the claims: no more than the capacity is pending. The counts may include messages
  // claimed since; then as many were submitted at the time.
  const std::uint64_t submitted = submitted_.load(std::memory_order_acquire);
  statistics.delivered = sum(&ConsumerCounts::delivered);
  statistics.failed = sum(&ConsumerCounts::failed);
  statistics.submitted = std::max(submitted, statistics.delivered + statistics.failed);
  statistics.pending = statistics.submitted - statistics.delivered - statistics.failed;
  // After the counts: a failure that was counted has left its text.
  const std::lock_guard lock(error_mutex_);
  statistics.first_error = first_error_;
  return statistics;
}

}  // namespace spate
