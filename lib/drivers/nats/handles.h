// The client library's objects, owned.
#pragma once

#include <nats/nats.h>

#include <memory>

#include "spate/drivers/destroy.h"

namespace spate::drivers::nats {

using Options = std::unique_ptr<natsOptions, Destroy<natsOptions_Destroy>>;
using Connection = std::unique_ptr<natsConnection, Destroy<natsConnection_Destroy>>;
using Subscription = std::unique_ptr<natsSubscription, Destroy<natsSubscription_Destroy>>;
using Incoming = std::unique_ptr<natsMsg, Destroy<natsMsg_Destroy>>;
using JetStream = std::unique_ptr<jsCtx, Destroy<jsCtx_Destroy>>;

}  // namespace spate::drivers::nats
