// Real faults, as rows of brokers have them: what was planned, and what went wrong with them.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace spate::compare {

// The plan of a cell's definition, for people: "1s:slice, 2s:half-close", or "none".
std::string fault_plan(const nlohmann::json& cell);

// Why the row of these `spate.faults` is no sound measurement of them; empty where it is. `where`
// starts every message. Throws Error where a member is of another type.
std::string fault_trouble(const nlohmann::json& faults, const std::string& where);

}  // namespace spate::compare
