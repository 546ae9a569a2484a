#include "compare/json_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "compare/error.h"

namespace spate::compare {
namespace {

using nlohmann::json;

// Google Benchmark writes counters that are NaN or infinite as bare words, which JSON lacks. The
// parser stops within the word, so look at all of it.
bool within_nan_or_infinity(std::string_view text, std::size_t offset) {
  const auto is_letter = [&](std::size_t at) {
    return std::isalpha(static_cast<unsigned char>(text[at])) != 0;
  };
  std::size_t begin = std::min(offset, text.size());
  while (begin > 0 && is_letter(begin - 1)) {
    --begin;
  }
  std::string word;
  for (std::size_t at = begin; at < text.size() && is_letter(at) && word.size() < 9; ++at) {
    word += static_cast<char>(std::tolower(static_cast<unsigned char>(text[at])));
  }
  return word == "nan" || word == "inf" || word == "infinity";
}

// The parser's own words quote the offending bytes, which may be anything; a place is enough.
std::string explain(std::string_view text, const json::parse_error& fault) {
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    return "is empty; expected a Google Benchmark result file, written to its end";
  }
  if (fault.byte > text.size()) {
    return "ends too early to be JSON; the run that wrote it may have been cut off: run it again";
  }
  const std::size_t offset = fault.byte == 0 ? 0 : fault.byte - 1;
  const std::string place = place_of(text, offset);
  if (within_nan_or_infinity(text, offset)) {
    return fmt::format(
        "is not JSON at {}: NaN and infinity are no JSON numbers; write null or leave them out",
        place);
  }
  return fmt::format("is not JSON at {}; expected a Google Benchmark result file", place);
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
      throw Error(
          fmt::format("{} nests deeper than {} levels; no result file does", path, kMaxJsonDepth));
    }
    return true;
  };
  // The parser takes a zero byte for the end of the text, and would ignore what follows it.
  if (const std::size_t zero = text.find('\0'); zero != std::string_view::npos) {
    throw Error(fmt::format("{} is not JSON at {}: a zero byte; expected a result file", path,
                            place_of(text, zero)));
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
