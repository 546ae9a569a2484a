#include "compare/byte_scan.h"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

namespace spate::compare {
namespace {

template <class Run>
std::size_t plain_run_end(const std::vector<char>& bytes, std::size_t begin) {
  while (begin != bytes.size() && !Run::ends_at(bytes[begin])) {
    ++begin;
  }
  return begin;
}

// Every byte at every distance from the begin and the end of a run: sixteen at a time find what one
// at a time does. The memory is of just that size, so that a sanitizer sees what is read beyond.
template <class Run>
void expect_same_ends(char inside) {
  for (std::size_t size = 0; size <= 35; ++size) {
    std::vector<char> bytes(size, inside);
    EXPECT_EQ(run_end<Run>(bytes.data(), bytes.data() + size), bytes.data() + size);
    for (std::size_t at = 0; at < size; ++at) {
      for (int byte = 0; byte < 256; ++byte) {
        bytes[at] = static_cast<char>(byte);
        const char* const found = run_end<Run>(bytes.data(), bytes.data() + size);
        ASSERT_EQ(static_cast<std::size_t>(found - bytes.data()), plain_run_end<Run>(bytes, 0))
            << "byte " << byte << " at " << at << " of " << size;
      }
      bytes[at] = inside;
    }
  }
}

TEST(ByteScan, RunsEndWhereAPlainLoopFindsTheirEnd) {
  expect_same_ends<Space>('\n');
  expect_same_ends<Plain>('a');
  expect_same_ends<Digits>('7');
}

TEST(ByteScan, WhatEndsARunIsWhatJsonSays) {
  for (int code = 0; code < 256; ++code) {
    const auto byte = static_cast<char>(code);
    EXPECT_EQ(Space::ends_at(byte),
              std::string_view(" \n\r\t").find(byte) == std::string_view::npos);
    EXPECT_EQ(Digits::ends_at(byte),
              std::string_view("0123456789").find(byte) == std::string_view::npos);
    EXPECT_EQ(Plain::ends_at(byte), code < 0x20 || code > 0x7f || byte == '"' || byte == '\\')
        << code;
  }
}

TEST(ByteScan, AGuessedIndentationIsNeverTakenUnlooked) {
  Indentation indentation;
  for (const std::size_t guess : {0U, 1U, 2U, 7U, 15U, 16U, 17U, 40U}) {
    for (std::size_t width = 0; width <= 40; ++width) {
      for (const std::size_t behind : {0U, 1U, 15U, 16U, 40U}) {
        const auto expect_end = [&](std::size_t blanks) {
          std::vector<char> bytes(blanks, ' ');
          bytes.resize(blanks + behind, 'x');
          const char* const end = indentation.end_of(bytes.data(), bytes.data() + bytes.size());
          EXPECT_EQ(end - bytes.data(), static_cast<std::ptrdiff_t>(blanks)) << guess;
        };
        expect_end(guess);
        expect_end(width);
      }
    }
  }
}

}  // namespace
}  // namespace spate::compare
