// spate_stress with one more delivery: own_queue --real=mutex --rate 10000 --chaos

#include <cstddef>
#include <memory>

#include "mutex_queue.h"
#include "spate/bench/modes.h"
#include "spate/bench/programs.h"

namespace {

spate::AnyDelivery make_mutex_queue(const spate::RunPlan& plan,
                                    const std::shared_ptr<const spate::Payloads>& payloads) {
  const std::size_t capacity = (std::size_t{64} << 20) / (payloads->max_bytes() + 100);  // 64 MiB
  return spate::AnyDelivery(std::make_unique<MutexQueue>(plan.workers, capacity, payloads));
}

}  // namespace

int main(int argc, char** argv) {
  spate::bench::register_mode({"mutex", make_mutex_queue, "a deque behind a mutex"});
  return spate::bench::stress_main(argc, argv);  // or bench_main, for the matrix
}
