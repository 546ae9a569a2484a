#include "compare/json_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace spate::compare {
namespace {

using nlohmann::json;
using testing::HasSubstr;

struct Reading {
  json value;
  std::vector<Repair> repairs;
  std::size_t repair_count = 0;
};

Reading read(std::string_view text) {
  JsonReader reader(text, "file.json");
  json value = reader.read_json();
  reader.finish();
  return {std::move(value), reader.repairs(), reader.repair_count()};
}

void skip(std::string_view text) {
  JsonReader reader(text, "file.json");
  reader.skip();
  reader.finish();
}

// What is wrong with the text, for one who reads it and for one who skips it.
void expect_refused(std::string_view text, const std::string& reason) {
  const auto expect = [&](auto&& pass) {
    try {
      pass(text);
      ADD_FAILURE() << "accepted: " << text;
    } catch (const Truncated& error) {
      ADD_FAILURE() << error.what();
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr("file.json")) << text;
      EXPECT_THAT(error.what(), HasSubstr(reason)) << text;
      EXPECT_EQ(std::string_view(error.what()).find('\n'), std::string_view::npos) << text;
    }
  };
  expect(read);
  expect(skip);
}

void expect_repaired(std::string_view text, const json& value, std::size_t offset,
                     const std::string& what) {
  const Reading reading = read(text);
  EXPECT_EQ(reading.value, value) << text;
  ASSERT_EQ(reading.repair_count, 1U) << text;
  EXPECT_EQ(reading.repairs.at(0).offset, offset) << text;
  EXPECT_THAT(reading.repairs.at(0).what, HasSubstr(what)) << text;
  JsonReader skipping(text, "file.json");
  skipping.skip();
  EXPECT_EQ(skipping.repair_count(), 1U) << text;
}

TEST(JsonReader, ReadsEveryKindOfValue) {
  JsonReader reader(R"( {"s":"a", "n":-1.5e1 , "t":true,"f" :false,"z":null,"a":[[],{}]} )",
                    "file");
  std::string seen;
  reader.read_object([&](std::string_view key) {
    seen += key;
    switch (reader.peek()) {
      case JsonKind::string:
        return void(seen += reader.read_string());
      case JsonKind::number:
        return void(seen += std::to_string(reader.read_number().value()));
      case JsonKind::boolean:
        return void(seen += reader.read_boolean() ? "yes" : "no");
      case JsonKind::null:
        return reader.read_null();
      case JsonKind::array:
        return reader.read_array([&] {
          seen += reader.peek() == JsonKind::array ? "[" : "{";
          reader.skip();
        });
      case JsonKind::object:
        FAIL();
    }
  });
  reader.finish();
  EXPECT_EQ(seen, "san-15.000000tyesfnoza[{");
  EXPECT_EQ(reader.repair_count(), 0U);
}

TEST(JsonReader, OffsetsEncloseAValueWithoutItsWhiteSpace) {
  const std::string_view text = R"([ {"a": 1} ,2 ])";
  JsonReader reader(text, "file");
  std::vector<std::string_view> values;
  reader.read_array([&] {
    const std::size_t begin = reader.offset();
    reader.skip();
    values.push_back(text.substr(begin, reader.offset() - begin));
  });
  EXPECT_THAT(values, testing::ElementsAre(R"({"a": 1})", "2"));
}

TEST(JsonReader, StringsStayValidAsLongAsTheReader) {
  JsonReader reader(R"(["plain", "an \"escaped\" one", "caf\u00e9", "another \\ one"])", "file");
  std::vector<std::string_view> strings;
  reader.read_array([&] { strings.push_back(reader.read_string()); });
  EXPECT_THAT(strings,
              testing::ElementsAre("plain", "an \"escaped\" one", "caf\xc3\xa9", "another \\ one"));
}

TEST(JsonReader, EscapesAreDecodedInKeysToo) {
  EXPECT_EQ(read(R"({"\u0061\t\/":"\b\f\n\r\t\"\\\/\u20AC\ud83d\uDE00\u0000"})").value,
            json({{"a\t/", std::string("\b\f\n\r\t\"\\/\xe2\x82\xac\xf0\x9f\x98\x80\0", 16)}}));
}

TEST(JsonReader, EverySpellingOfNanAndInfinityIsNull) {
  for (const std::string word : {"NaN", "nan", "-nan", "inf", "-inf", "Infinity", "-Infinity",
                                 "INF", "-nan(ind)", "nan(snan)"}) {
    expect_repaired("[1, " + word + "]", json({1, nullptr}), 4, "NaN or infinity");
    JsonReader reader(word, "file");
    EXPECT_EQ(reader.peek(), JsonKind::number) << word;
    EXPECT_EQ(reader.read_number(), std::nullopt) << word;
    reader.finish();
  }
}

TEST(JsonReader, NumbersBeyondADoubleAreNullAndNumbersTooCloseToZeroAreZero) {
  const std::string nines(400, '9');
  const std::string zeros(400, '0');
  for (const std::string& large :
       std::vector<std::string>{"1e999", "-1E+999", "0.001e400", nines, "-" + nines,
                                "1e99999999999999999999", nines + ".5", "1" + zeros + "e-1"}) {
    JsonReader reader(large, "file");
    EXPECT_EQ(reader.read_number(), std::nullopt) << large;
    EXPECT_EQ(reader.repair_count(), 1U) << large;
    EXPECT_TRUE(read(large).value.is_null()) << large;
    EXPECT_EQ(read(large).repair_count, 1U) << large;
  }
  for (const std::string& small :
       std::vector<std::string>{"1e-999", "123.5e-999", "1e-99999999999999999999",
                                "0." + zeros + "1", "0." + zeros + "1e+3"}) {
    JsonReader reader(small, "file");
    EXPECT_EQ(reader.read_number(), 0.0) << small;
    EXPECT_EQ(reader.repair_count(), 0U) << small;
  }
}

TEST(JsonReader, NumbersKeepTheirKindAndTheirLastBit) {
  for (const std::string text :
       {"0", "-0", "7", "-7", "18446744073709551615", "18446744073709551616",
        "-9223372036854775808", "-9223372036854775809", "0.1", "-1e-999", "1e2",
        "859952.9788156628", "1.7976931348623157e308", "4.9e-324", "2.2250738585072011e-308",
        "9007199254740993.0"}) {
    const json expected = json::parse(text);
    const json value = read(text).value;
    EXPECT_EQ(value, expected) << text;
    EXPECT_EQ(value.dump(), expected.dump()) << text;  // a sign of zero, too
    EXPECT_EQ(value.type(), expected.type()) << text;
    EXPECT_EQ(JsonReader(text, "file").read_number(), expected.get<double>()) << text;
  }
}

TEST(JsonReader, WhatGoogleBenchmarkDoesNotEscapeIsKept) {
  expect_repaired("[\"a\nb\"]", json({"a\nb"}), 3, "control character");
  expect_repaired("[\"sixteen bytes and\tmore\"]", json({"sixteen bytes and\tmore"}), 19,
                  "control character");
  expect_repaired(R"(["C:\dir"])", json({R"(C:\dir)"}), 4, "escape");
  expect_repaired(R"(["\udc80"])", json({R"(\udc80)"}), 2, "escape");
  expect_repaired(R"(["\ud83d\u0041"])", json({R"(\ud83dA)"}), 2, "escape");
  expect_repaired(R"(["\u12"])", json({R"(\u12)"}), 2, "escape");
}

TEST(JsonReader, BytesThatAreNotUtf8AreKept) {
  for (const std::string bytes : {"\xff", "\xc1", "\x80", "\xf5", "\xe2"}) {
    expect_repaired("[\"a" + bytes + "\"]", json({"a" + bytes}), 3, "UTF-8");
  }
  EXPECT_EQ(read("\"\xed\xa0\x80\"").repair_count, 3U);      // a surrogate
  EXPECT_EQ(read("\"\xf4\x90\x80\x80\"").repair_count, 4U);  // beyond Unicode
  EXPECT_EQ(read("\"\xe0\x80\xaf\"").repair_count, 3U);      // longer than it need be
  EXPECT_EQ(read("\"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80 \x7f\"").repair_count, 0U);
}

TEST(JsonReader, AByteOrderMarkAndACommaTooManyArePassedOver) {
  expect_repaired("\xef\xbb\xbf[1]", json({1}), 0, "byte-order mark");
  expect_repaired("[1,2 ,\n]", json({1, 2}), 5, "comma");
  expect_repaired(R"({"a": 1,})", json({{"a", 1}}), 7, "comma");
}

TEST(JsonReader, OfValuesWithOneNameTheTreeHasTheLast) {
  const Reading reading = read(R"({"a": 1, "b": 2, "a": 3})");
  EXPECT_EQ(reading.value, json({{"a", 3}, {"b", 2}}));
  ASSERT_EQ(reading.repairs.size(), 1U);
  EXPECT_EQ(reading.repairs[0].offset, 22U);
}

TEST(JsonReader, TheFirstRepairsOfEachKindAreKeptAndAllAreCounted) {
  const Reading reading = read("[NaN, NaN, NaN, NaN, NaN, \"\t\", NaN, ]");
  EXPECT_EQ(reading.repair_count, 8U);
  ASSERT_EQ(reading.repairs.size(), kMaxRepairsOfAKind + 2);
  EXPECT_EQ(reading.repairs[2].offset, 11U);
  EXPECT_THAT(reading.repairs[3].what, HasSubstr("control"));
  EXPECT_THAT(reading.repairs[4].what, HasSubstr("comma"));
}

TEST(JsonReader, WhatCannotBeRepairedIsRefusedWithItsPlace) {
  expect_refused("{\n  \"a\" 1}", "is not JSON at line 2, column 7: expected ':', found '1'");
  expect_refused("[1 2]", "line 1, column 4: expected ',' or ']', found '2'");
  expect_refused(R"({"a":1 "b":2})", "expected ',' or '}', found '\"'");
  expect_refused("{a: 1}", "expected a name in quotes, found 'a'");
  expect_refused("[1, \xff]", "expected a value, found the byte 0xff");
  for (const std::string text :
       {"[,]",    "[1,,]",  "{,}",    R"({"a"})", R"({"a":})", "[1}",     R"({"a":1])",
        "]",      "'a'",    "[+1]",   "[.5]",     "[1.]",      "[1.e5]",  "[1e]",
        "[1e+]",  "[-]",    "[-x]",   "[01]",     "[0x10]",    "[1_000]", "[nu]",
        "[nulL]", "[truE]", "[TRUE]", "[nanx]",   "[infinit]", "[nan(]",  "[-true]",
        "[1,2]]", "{} {}",  "[1] x",  "// a\n[1]"}) {
    expect_refused(text, "is not JSON at line");
  }
}

TEST(JsonReader, ZeroBytesAreRefusedWhereverTheyStand) {
  for (const std::string_view text : {std::string_view("[1,\0 2]", 7), std::string_view("[1]\0", 4),
                                      std::string_view("[\"a\0\"]", 6)}) {
    expect_refused(text, "found the byte 0x00");
  }
}

TEST(JsonReader, OtherEncodingsAreRefusedByTheirName) {
  expect_refused("\xff\xfe[", "UTF-16");
  expect_refused("\xfe\xff", "UTF-16");
  expect_refused(std::string_view("{\0}\0", 4), "UTF-16");
  expect_refused(std::string_view("\0{\0}", 4), "UTF-16");
}

TEST(JsonReader, NothingAtAllIsSaidToBeEmpty) {
  for (const std::string_view text : {"", " \n\t", "\xef\xbb\xbf", "\xef\xbb\xbf \r\n"}) {
    expect_refused(text, "file.json is empty");
  }
}

TEST(JsonReader, DepthIsLimited) {
  const auto nested = [](std::size_t levels) {
    return std::string(levels, '[') + std::string(levels, ']');
  };
  EXPECT_NO_THROW(read(nested(kMaxJsonDepth)));
  EXPECT_NO_THROW(read("[" + nested(kMaxJsonDepth - 1) + "," + nested(kMaxJsonDepth - 1) + "]"));
  expect_refused(nested(kMaxJsonDepth + 1), "nests deeper than 64");
  expect_refused(std::string(1'000'000, '['), "nests deeper than 64");
  std::string objects;
  for (int i = 0; i <= kMaxJsonDepth; ++i) {
    objects += "{\"a\":";
  }
  expect_refused(objects, "nests deeper than 64");
}

TEST(JsonReader, AValueOfAnotherKindIsNamed) {
  const auto expect = [](std::string_view text, auto&& pass, const std::string& message) {
    JsonReader reader(text, "file.json");
    try {
      pass(reader);
      ADD_FAILURE() << "accepted: " << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.what(), "file.json has " + message);
    }
  };
  expect(
      "[]", [](JsonReader& r) { r.read_object([](std::string_view) {}); },
      "an array at line 1, column 1; expected an object");
  expect(
      "{}", [](JsonReader& r) { r.read_array([] {}); },
      "an object at line 1, column 1; expected an array");
  expect(
      " 1", [](JsonReader& r) { (void)r.read_string(); },
      "a number at line 1, column 2; expected a string");
  expect(
      "\"1\"", [](JsonReader& r) { (void)r.read_number(); },
      "a string at line 1, column 1; expected a number");
  expect(
      "null", [](JsonReader& r) { (void)r.read_boolean(); },
      "null at line 1, column 1; expected true or false");
  expect(
      "true", [](JsonReader& r) { r.read_null(); },
      "true or false at line 1, column 1; expected null");
}

constexpr std::string_view kSample = R"({
  "context": {"date": "x\u00e9\ud83d\ude00", "caf)"
                                     "\xc3\xa9"
                                     R"(": [true, false, null, -0.5e+10]},
  "benchmarks": [
    {"name": "BM_something/0", "real_time": NaN, "cpu_time": -Infinity, "label": "a\"b"},
    {"name": "BM_something/1", "real_time": 1.5, "cpu_time": 10, "x": -nan(ind), "y": {}}
  ]
})";

TEST(JsonReader, EveryTruncationIsToldFromOtherFaults) {
  for (std::size_t size = 1; size < kSample.size(); ++size) {
    // In memory of its own, so that a sanitizer sees a byte read beyond the end.
    const std::vector<char> cut(kSample.begin(),
                                kSample.begin() + static_cast<std::ptrdiff_t>(size));
    const std::string_view text(cut.data(), cut.size());
    EXPECT_THROW(read(text), Truncated) << size;
    EXPECT_THROW(skip(text), Truncated) << size;
  }
  EXPECT_NO_THROW(read(kSample));
}

TEST(JsonReader, WhatWasReadBeforeTheEndIsWhole) {
  const std::string_view text = kSample.substr(0, kSample.find("-nan(ind)"));
  JsonReader reader(text, "file.json");
  std::vector<std::string> names;
  const auto read_rows = [&] {
    reader.read_object([&](std::string_view key) {
      if (key != "benchmarks") {
        return reader.skip();
      }
      reader.read_array([&] { names.push_back(reader.read_json().at("name")); });
    });
  };
  EXPECT_THROW(read_rows(), Truncated);
  EXPECT_THAT(names, testing::ElementsAre("BM_something/0"));
}

}  // namespace
}  // namespace spate::compare
