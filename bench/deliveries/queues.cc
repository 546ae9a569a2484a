#include "queues.h"

namespace spate::bench {

#ifndef SPATE_HAS_BOOST
Queue boost_queue() { return {"boost", nullptr, "", "libboost-dev"}; }
#endif
#ifndef SPATE_HAS_TBB
Queue tbb_queue() { return {"tbb", nullptr, "", "libtbb-dev"}; }
#endif
#ifndef SPATE_HAS_ATOMIC_QUEUE
Queue atomic_queue() { return {"atomic_queue", nullptr, "", "libatomic-queue-dev"}; }
#endif

std::array<Queue, 4> all_queues() {
  return {mutex_queue(), boost_queue(), tbb_queue(), atomic_queue()};
}

}  // namespace spate::bench
