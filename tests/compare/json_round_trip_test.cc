#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <string_view>

#include "compare/json_reader.h"

namespace spate::compare {
namespace {

using nlohmann::json;

// Documents of every shape, from a fixed seed.
class RandomJson {
 public:
  json value(int depth) {
    switch (below(depth > 0 ? 9 : 7)) {
      case 0:
        return nullptr;
      case 1:
        return below(2) == 0;
      case 2:
        return static_cast<std::int64_t>(random_());
      case 3:
        return random_();
      case 4:
        return number();
      case 5:
        return static_cast<int>(below(100));
      case 6:
        return text();
      case 7:
        return list(depth - 1);
      default:
        return members(depth - 1);
    }
  }

  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }

 private:
  json list(int depth) {
    json result = json::array();
    for (std::uint64_t i = below(5); i > 0; --i) {
      result.push_back(value(depth));
    }
    return result;
  }

  json members(int depth) {
    json result = json::object();
    for (std::uint64_t i = below(5); i > 0; --i) {
      result[text()] = value(depth);
    }
    return result;
  }

  double number() {
    const auto bits = std::bit_cast<double>(random_());
    return std::isfinite(bits) ? bits : 0.5;
  }

  std::string text() {
    constexpr std::array<std::string_view, 12> kPieces{"a",
                                                       "name",
                                                       "\"",
                                                       "\\",
                                                       "\n",
                                                       "\x01",
                                                       "\xc3\xa9",
                                                       "\xe2\x82\xac",
                                                       "\xf0\x9f\x98\x80",
                                                       "/",
                                                       " ",
                                                       "sixteen bytes of plain text"};
    std::string result;
    for (std::uint64_t i = below(8); i > 0; --i) {
      result += kPieces.at(below(kPieces.size()));
    }
    return result;
  }

  std::mt19937_64 random_{20240611};
};

TEST(JsonRoundTrip, TheReaderUnderstandsWhateverAnotherLibraryWrites) {
  RandomJson random;
  for (int i = 0; i < 3000; ++i) {
    const json expected = random.value(5);
    const int indent = static_cast<int>(random.below(8)) - 1;
    const std::string text =
        expected.dump(indent, random.below(2) == 0 ? ' ' : '\t', random.below(2) == 0);
    JsonReader reader(text, "file.json");
    const json value = reader.read_json();
    ASSERT_NO_THROW(reader.finish()) << text;
    ASSERT_EQ(value, expected) << text;
    ASSERT_EQ(value.dump(), expected.dump());  // numbers of the same type, too
    ASSERT_EQ(reader.repair_count(), 0U) << text;
    JsonReader skipping(text, "file.json");
    skipping.skip();
    ASSERT_NO_THROW(skipping.finish()) << text;
  }
}

}  // namespace
}  // namespace spate::compare
