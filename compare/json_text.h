// Text to JSON, for text that nobody vouches for.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace spate::compare {

// Deeper than any result file by far, and shallow enough for everything that recurses over a value.
inline constexpr int kMaxJsonDepth = 64;

// "line 3, column 7": where byte `offset` of `text` stands.
std::string place_of(std::string_view text, std::size_t offset);

// Throws Error, naming `path` and the place in it, unless `text` is one valid JSON value.
nlohmann::json parse_json(std::string_view text, const std::string& path);

// Numbers of one value get one spelling (1000.0 becomes 1000), so that equal values are equal text.
nlohmann::json canonical(const nlohmann::json& value);

}  // namespace spate::compare
