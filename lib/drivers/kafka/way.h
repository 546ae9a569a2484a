// How a client's connections get to a broker.
#pragma once

#include <sys/socket.h>

#include <functional>

#include "spate/drivers/address.h"

namespace spate::drivers::kafka {

// As BrokerOptions has it; null: to the server itself.
using Detour = std::function<Endpoint(const Endpoint& server)>;

// Begins to connect that socket to where the detour leads instead of to `server`. What is not done
// at once goes on by itself: the socket does not block. 0, or an errno.
int connect_by(const Detour& detour, int socket, const sockaddr& server, socklen_t size) noexcept;

}  // namespace spate::drivers::kafka
