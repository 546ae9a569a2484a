// A queue of one's own for the two programs' mains, which are linked to it.
#include <memory>

#include "mutex_queue.h"
#include "spate/bench/modes.h"

namespace {

spate::AnyDelivery make(const spate::RunPlan& plan,
                        const std::shared_ptr<const spate::Payloads>& payloads) {
  return spate::AnyDelivery(std::make_unique<MutexQueue>(plan.workers, 10'000, payloads));
}

[[maybe_unused]] const bool registered = [] {
  spate::bench::register_mode({"consumers", make, "a consumer's queue"});
  return true;
}();

}  // namespace
