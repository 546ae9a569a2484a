#include "compare/history/folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "compare/error.h"
#include "tests/compare/sample.h"

namespace spate::compare {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

class HistoryFolder : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "spate_history_XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    base_ = name;
  }
  void TearDown() override { fs::remove_all(base_); }

  std::string folder() const { return (base_ / "kept").string(); }

  // A result of that commit and minute.
  std::string result(const std::string& commit, int minute) {
    json file = result_file({delivery_row()});
    file["context"]["git_commit"] = commit;
    file["context"]["date"] = "2026-01-01T00:" + std::to_string(10 + minute) + ":00+00:00";
    return write(commit + std::to_string(minute) + ".json", file.dump());
  }

  std::string write(const std::string& name, const std::string& text) {
    const std::string path = (base_ / name).string();
    std::ofstream(path) << text;
    return path;
  }

  std::vector<std::string> names() const {
    std::vector<std::string> found;
    for (const fs::directory_entry& file : fs::directory_iterator(folder())) {
      found.push_back(file.path().filename().string());
    }
    return found;
  }

 private:
  fs::path base_;
};

TEST_F(HistoryFolder, WhatIsAddedIsThereInTheOrderOfItsDates) {
  add_to_history(folder(), {result("b", 2), result("a", 1)}, {});
  add_to_history(folder(), {result("c", 0)}, {});
  const History history = load_history(folder());
  std::vector<std::string> commits;
  for (const KeptResult& kept : history.results) {
    commits.push_back(kept.provenance.commit);
  }
  EXPECT_THAT(commits, ElementsAre("c", "a", "b"));
  EXPECT_TRUE(history.unreadable.empty());
}

TEST_F(HistoryFolder, TheSameResultTwiceIsOneEntry) {
  const std::string path = result("a", 1);
  EXPECT_TRUE(add_to_history(folder(), {path}, {}).front().is_new);
  const Addition again = add_to_history(folder(), {path}, {}).front();
  EXPECT_FALSE(again.is_new);
  EXPECT_FALSE(add_to_history(folder(), {again.path}, {}).front().is_new) << "nor is the entry";
  EXPECT_EQ(names().size(), 1U);
}

TEST_F(HistoryFolder, NothingIsWrittenUnlessAllCanBe) {
  EXPECT_THROW(add_to_history(folder(), {result("a", 1), write("bad.json", "[]")}, {}), Error);
  EXPECT_FALSE(fs::exists(folder()));
}

TEST_F(HistoryFolder, ADamagedEntryIsNamedAndTheOthersStay) {
  add_to_history(folder(), {result("a", 1), result("b", 2)}, {});
  std::string damaged;
  for (const std::string& name : names()) {
    damaged = name.find("-a-") != std::string::npos ? name : damaged;
  }
  const fs::path path = fs::path(folder()) / damaged;
  fs::resize_file(path, fs::file_size(path) - 3);
  const History history = load_history(folder());
  EXPECT_EQ(history.results.size(), 1U);
  EXPECT_THAT(history.unreadable, ElementsAre(HasSubstr(damaged + " ends too early")));
  EXPECT_TRUE(add_to_history(folder(), {result("a", 1)}, {}).front().is_new) << "that mends it";
  EXPECT_TRUE(load_history(folder()).unreadable.empty());
}

TEST_F(HistoryFolder, WhatIsOfOthersIsLeftAlone) {
  add_to_history(folder(), {result("a", 1)}, {});
  write("kept/README.md", "Results");
  write("kept/other.json.123.part", "{");
  fs::create_directory(fs::path(folder()) / "folder.json");
  write("kept/package.json", R"({"name": "left-pad"})");
  const History history = load_history(folder());
  EXPECT_EQ(history.results.size(), 1U);
  EXPECT_THAT(history.unreadable, ElementsAre(HasSubstr("package.json has no array")));
}

TEST_F(HistoryFolder, AWholeResultThatSomebodyCopiedThereCounts) {
  add_to_history(folder(), {result("b", 2)}, {});
  fs::copy(result("a", 1), folder());
  const History history = load_history(folder());
  ASSERT_EQ(history.results.size(), 2U);
  EXPECT_EQ(history.results.front().provenance.commit, "a") << "by its date, whatever its name";
}

TEST_F(HistoryFolder, AddingAtTheSameTimeLosesNothing) {
  std::vector<std::future<void>> adders;
  std::vector<std::string> results;
  for (int minute = 0; minute < 8; ++minute) {
    results.push_back(result("a", minute));
  }
  for (int adder = 0; adder < 8; ++adder) {
    adders.push_back(std::async(std::launch::async, [&, adder] {
      add_to_history(folder(), {results[static_cast<std::size_t>(adder)]}, {});
    }));
  }
  for (std::future<void>& adder : adders) {
    adder.get();
  }
  EXPECT_EQ(load_history(folder()).results.size(), 8U);
}

TEST_F(HistoryFolder, AFolderThatIsNoneIsRefused) {
  const std::string file = write("file", "");
  EXPECT_THROW(add_to_history(file, {result("a", 1)}, {}), Error);
  EXPECT_THROW(load_history(file), Error);
  EXPECT_THROW(load_history(folder()), Error);
}

}  // namespace
}  // namespace spate::compare
