// Numbers and names as people read them, each at most 12 columns wide for values of this world.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "compare/schema.h"

namespace spate::compare {

// "5.512ms", "1.000k/s", "95.000%"; "-" where there is no value.
std::string humane(Unit unit, std::optional<double> value);

// "1.03x"; "-" where there is none.
std::string humane_ratio(std::optional<double> ratio);

// "/chaos/crash_rate", a JSON pointer, as "chaos.crash_rate".
std::string dotted(std::string_view pointer);

// "1 row", "2 rows".
std::string plural(std::size_t count, std::string_view noun);

// A string's characters, and of any other value its JSON.
std::string unquoted(const nlohmann::json& value);

// With the replacement character for what is not UTF-8.
std::string valid_utf8(std::string_view text);

// Control characters would break the line, or drive the reader's terminal.
std::string one_line(std::string_view text);

}  // namespace spate::compare
