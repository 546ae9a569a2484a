// What the text of a JSON number, of which the grammar has been checked, stands for.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

namespace spate::compare {

// The double next to it; nothing where that would be infinite.
std::optional<double> to_double(std::string_view number);

// An integer as far as 64 bits go, else a double; null where that would be infinite.
nlohmann::json number_to_json(std::string_view number);

}  // namespace spate::compare
