// Redis by hiredis alone.
#pragma once

#include "broker_access.h"

namespace spate::testing_support {

BrokerAccess redis_access();

// One command, by words; its reply as text, with lists' elements separated by blanks. Throws Error
// where the reply is one.
std::string redis_command(const drivers::Address& address, const std::vector<std::string>& words);

}  // namespace spate::testing_support
