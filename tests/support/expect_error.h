// What every error of ours owes its reader: one line that says what was given and what is allowed.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <initializer_list>
#include <string>

#include "spate/error.h"

namespace spate::testing_support {

// Runs `action`, which must throw Error; its line must contain every one of `pieces`.
template <class Action>
void expect_error(Action&& action, std::initializer_list<const char*> pieces) {
  try {
    action();
  } catch (const Error& error) {
    const std::string line = error.what();
    EXPECT_EQ(line.find('\n'), std::string::npos) << line;
    for (const char* const piece : pieces) {
      EXPECT_THAT(line, testing::HasSubstr(piece));
    }
    EXPECT_EQ(error.code(), ExitCode::usage) << line;
    return;
  }
  ADD_FAILURE() << "no error";
}

}  // namespace spate::testing_support
