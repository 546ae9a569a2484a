#include "compare/distinct_files.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace spate::compare {
namespace {

namespace fs = std::filesystem;

class SameFile : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "spate_same_XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string path(const char* name) const { return (folder_ / name).string(); }
  static void put(const std::string& path, const char* content) { std::ofstream(path) << content; }

  fs::path folder_;
};

TEST_F(SameFile, AFileIsTheSameHoweverItIsSpelled) {
  fs::create_directory(path("sub"));
  for (const bool there : {false, true}) {
    if (there) {
      put(path("a"), "here now");
    }
    EXPECT_TRUE(same_file(path("a"), path("a"))) << there;
    EXPECT_TRUE(same_file(path("a"), path("./a"))) << there;
    EXPECT_TRUE(same_file(path("sub/../a"), path("a"))) << there;
    EXPECT_FALSE(same_file(path("a"), path("b"))) << there;
    EXPECT_FALSE(same_file(path("a"), path("sub/a"))) << there;
  }
}

TEST_F(SameFile, ARelativePathIsFromTheFolderThatTheProgramIsIn) {
  const fs::path before = fs::current_path();
  fs::current_path(folder_);
  EXPECT_TRUE(same_file("a", "./a"));
  EXPECT_TRUE(same_file("a", path("a")));
  EXPECT_FALSE(same_file("a", "b"));
  fs::current_path(before);
}

TEST_F(SameFile, ALinkIsWhatItLeadsTo) {
  put(path("a"), "");
  fs::create_symlink("a", path("link"));
  fs::create_directory_symlink(".", path("here"));
  EXPECT_TRUE(same_file(path("link"), path("a")));
  EXPECT_TRUE(same_file(path("here/a"), path("a")));
  EXPECT_TRUE(same_file(path("here/new"), path("new")));
}

TEST_F(SameFile, ADeviceIsForEverybody) { EXPECT_FALSE(same_file("/dev/null", "/dev/null")); }

}  // namespace
}  // namespace spate::compare
