// Reports in files: all of one or none.
#include "compare/whole_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <filesystem>
#include <iterator>
#include <string>
#include <vector>

#include "compare/error.h"
#include "tests/compare/sample.h"

namespace spate::compare {
namespace {

using nlohmann::json;
using testing::HasSubstr;

std::string text_of(const std::string& path) { return std::string(FileText(path).view()); }

class WholeFile : public testing::Test {
 protected:
  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  std::size_t files() const {
    const std::filesystem::directory_iterator all(folder_);
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
  }

  void SetUp() override {
    const testing::TestInfo& test = *testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::path(TemporaryFile("").path() + "." + test.name());
    std::filesystem::create_directory(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

 private:
  std::filesystem::path folder_;
};

TEST_F(WholeFile, IsWrittenAndReadBackToTheByte) {
  const std::string text("a\0\r\n\xff", 5);
  write_file(path("a"), text);
  EXPECT_EQ(text_of(path("a")), text);
  write_file(path("a"), "");
  EXPECT_EQ(text_of(path("a")), "");
}

TEST_F(WholeFile, NothingElseIsLeftBesideIt) {
  write_file(path("a"), "first");
  write_file(path("a"), "second");
  EXPECT_EQ(files(), 1U);
  EXPECT_EQ(text_of(path("a")), "second");
}

TEST_F(WholeFile, WhatCannotBeWrittenIsAnErrorAndLeavesNothing) {
  std::filesystem::create_directory(path("folder"));
  EXPECT_THROW(write_file(path("folder"), "text"), Error);
  EXPECT_THROW(write_file(path("absent/a"), "text"), Error);
  EXPECT_THROW(write_file("", "text"), Error);
  EXPECT_EQ(files(), 1U);
}

TEST_F(WholeFile, WhatIsNoFileIsWrittenAsItIs) {
  EXPECT_NO_THROW(write_file("/dev/null", "text"));
  if (std::filesystem::exists("/dev/full")) {
    EXPECT_THROW(write_file("/dev/full", "text"), Error);
  }
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
}

TEST_F(WholeFile, TheReportsOfARunAreThoseOfItsFormats) {
  const std::vector<json> rows{plain_row("BM_a", 1), delivery_row()};
  const TemporaryFile file(result_file(rows).dump());
  const Outcome outcome = run_on({}, {file.path(), file.path(), "--markdown", path("a.md"),
                                      "--json", path("a.json"), "--junit", path("a.xml")});
  EXPECT_EQ(outcome.code, ExitCode::inconclusive);
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(files(), 3U);
  const auto report = [&](const std::string& format) {
    return run_on({}, {file.path(), file.path(), "--format", format}).out;
  };
  EXPECT_EQ(outcome.out, report("text"));
  EXPECT_EQ(text_of(path("a.md")), report("markdown"));
  EXPECT_EQ(text_of(path("a.json")), report("json"));
  EXPECT_EQ(text_of(path("a.xml")), report("junit"));
}

TEST_F(WholeFile, AReportThatCannotBeWrittenExits2) {
  const TemporaryFile file(result_file({plain_row("BM_a", 1)}).dump());
  for (const std::string flag : {"--markdown", "--json", "--junit"}) {
    const Outcome outcome = run_on({}, {file.path(), file.path(), flag, path("absent/report")});
    EXPECT_EQ(outcome.code, ExitCode::unusable);
    EXPECT_EQ(outcome.out, "");
    EXPECT_THAT(outcome.err, HasSubstr("cannot write " + path("absent/report") + ": "));
  }
  EXPECT_EQ(files(), 0U);
}

}  // namespace
}  // namespace spate::compare
