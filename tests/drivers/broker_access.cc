#include "broker_access.h"

#ifdef SPATE_HAS_NATS
#include "nats_access.h"
#endif
#ifdef SPATE_HAS_RABBITMQ
#include "rabbitmq_access.h"
#endif
#ifdef SPATE_HAS_REDIS
#include "redis_access.h"
#endif

namespace spate::testing_support {

std::span<const BrokerAccess> all_accesses() {
  static const std::vector<BrokerAccess> all{
#ifdef SPATE_HAS_REDIS
      redis_access(),
#endif
#ifdef SPATE_HAS_NATS
      nats_access(),
#endif
#ifdef SPATE_HAS_RABBITMQ
      rabbitmq_access(),
#endif
  };
  return all;
}

}  // namespace spate::testing_support
