// Holds the reader against nlohmann: what that accepts, the reader accepts, with an equal value;
// what the reader accepts without a repair, that accepts. And reading and skipping are of one mind.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "compare/json_reader.h"

namespace spate::compare {
namespace {

using nlohmann::json;

enum class Verdict : std::uint8_t { accepted, truncated, refused };

template <class F>
Verdict verdict_of(F&& pass) {
  try {
    pass();
    return Verdict::accepted;
  } catch (const Truncated&) {
    return Verdict::truncated;
  } catch (const Error&) {
    return Verdict::refused;
  }
}

// Nothing for what this program refuses on purpose, too: text beyond a zero byte, which nlohmann
// takes for its end, and deep nesting.
std::optional<json> parsed_by_nlohmann(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) {
    return std::nullopt;
  }
  bool is_deep = false;
  const auto look = [&](int depth, json::parse_event_t event, const json& /*value*/) {
    const bool opens =
        event == json::parse_event_t::array_start || event == json::parse_event_t::object_start;
    is_deep = is_deep || (opens && depth >= kMaxJsonDepth);
    return true;
  };
  try {
    json value = json::parse(text, look);
    return is_deep ? std::nullopt : std::optional{std::move(value)};
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

void must(bool holds, const char* claim) {
  if (!holds) {
    (void)std::fprintf(stderr, "does not hold: %s\n", claim);
    std::abort();
  }
}

void check(std::string_view text) {
  json value;
  std::size_t repairs = 0;
  const Verdict read = verdict_of([&] {
    JsonReader reader(text, "fuzz");
    value = reader.read_json();
    reader.finish();
    repairs = reader.repair_count();
  });
  const Verdict skipped = verdict_of([&] {
    JsonReader reader(text, "fuzz");
    reader.skip();
    reader.finish();
  });
  must(skipped == read, "a value is skipped if and only if it is read");

  const std::optional<json> expected = parsed_by_nlohmann(text);
  if (expected) {
    must(read == Verdict::accepted, "what nlohmann accepts is accepted");
    // As text too, for the types of numbers.
    must(value == *expected && value.dump() == expected->dump(), "values are equal");
  } else {
    must(read != Verdict::accepted || repairs > 0, "what nlohmann refuses needs a repair");
  }
}

}  // namespace
}  // namespace spate::compare

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  spate::compare::check({reinterpret_cast<const char*>(data), size});
  return 0;
}
