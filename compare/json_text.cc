#include "compare/json_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "compare/error.h"

namespace spate::compare {
namespace {

using nlohmann::json;

// The parser's own words quote the offending bytes, which may be anything; a place is enough.
std::string explain(std::string_view text, const json::parse_error& fault) {
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    return "is empty; expected JSON";
  }
  if (fault.byte > text.size()) {
    return "ends too early to be JSON";
  }
  return fmt::format("is not JSON at {}", place_of(text, fault.byte == 0 ? 0 : fault.byte - 1));
}

}  // namespace

std::string place_of(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const std::size_t newline = before.rfind('\n');
  const std::size_t column = newline == std::string_view::npos ? offset + 1 : offset - newline;
  return fmt::format("line {}, column {}", line, column);
}

json parse_json(std::string_view text, const std::string& path) {
  const auto limit_depth = [&](int depth, json::parse_event_t event, const json& /*value*/) {
    const bool opens =
        event == json::parse_event_t::array_start || event == json::parse_event_t::object_start;
    if (opens && depth >= kMaxJsonDepth) {
      throw Error(fmt::format("{} nests deeper than {} levels", path, kMaxJsonDepth));
    }
    return true;
  };
  // The parser takes a zero byte for the end of the text, and would ignore what follows it.
  if (const std::size_t zero = text.find('\0'); zero != std::string_view::npos) {
    throw Error(fmt::format("{} is not JSON at {}: a zero byte", path, place_of(text, zero)));
  }
  try {
    return json::parse(text, limit_depth);
  } catch (const json::parse_error& fault) {
    throw Error(fmt::format("{} {}", path, explain(text, fault)));
  } catch (const json::out_of_range&) {
    throw Error(fmt::format("{} holds a number beyond the range of a double (1.8e308)", path));
  }
}

json canonical(const json& value) {
  constexpr double kExact = 9007199254740992.0;  // 2^53: beyond it a double is no exact integer
  if (value.is_structured()) {
    json result = value;
    for (json& element : result) {
      element = canonical(element);
    }
    return result;
  }
  if (value.is_number_float()) {
    const auto number = value.get<double>();
    if (std::trunc(number) == number && std::abs(number) <= kExact) {
      return static_cast<std::int64_t>(number);
    }
  }
  return value;
}

}  // namespace spate::compare
