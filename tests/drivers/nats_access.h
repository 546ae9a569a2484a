// NATS by cnats alone.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "broker_access.h"

namespace spate::testing_support {

BrokerAccess nats_access();

// Whether it lets us in. Throws Error.
void nats_reach(const drivers::Address& address);
// How many messages the streams hold whose names begin so. Throws Error.
std::uint64_t nats_messages(const drivers::Address& address, const std::string& beginning);
// The consumers of these streams, as the server has the word. Throws Error.
std::vector<std::string> nats_readers(const drivers::Address& address,
                                      const std::string& beginning);
void nats_remove(const drivers::Address& address, const std::string& beginning);

// From now on these streams take no message that has a body. Throws Error.
void nats_take_nothing(const drivers::Address& address, const std::string& beginning);

}  // namespace spate::testing_support
