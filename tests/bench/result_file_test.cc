#include "result_file.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "support/expect_error.h"

namespace spate::bench {
namespace {

using testing_support::expect_error;

namespace fs = std::filesystem;

class ResultFileTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "spate_result_XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string path(const char* name) const { return (folder_ / name).string(); }
  std::vector<std::string> entries() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder_)) {
      names.push_back(entry.path().filename().string());
    }
    return names;
  }

  static void put(const std::string& path, const char* content) { std::ofstream(path) << content; }
  static std::string rest_of(std::istream& file) {
    return {std::istreambuf_iterator<char>(file), {}};
  }
  static std::string content(const std::string& path) {
    std::ifstream file(path);
    return rest_of(file);
  }

  fs::path folder_;
};

// No file grows beyond `bytes` while this lives: a full disk, for root too.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FullDisk() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  void (*handler_)(int);
  rlimit before_{};
};

TEST_F(ResultFileTest, RefusesAFolderThatIsNotThere) {
  const std::string file = path("nowhere/result.json");
  expect_error([&] { ResultFile{file}; }, {file.c_str(), "cannot be written", "writable folder"});
  EXPECT_THAT(entries(), testing::IsEmpty());
}

TEST_F(ResultFileTest, RefusesAPathBelowARegularFile) {
  put(path("plain"), "kept");
  const std::string file = path("plain/result.json");
  expect_error([&] { ResultFile{file}; }, {file.c_str(), "cannot be written"});
  EXPECT_EQ(content(path("plain")), "kept");
}

TEST_F(ResultFileTest, RefusesAFolderAndAnEmptyName) {
  expect_error([&] { ResultFile{folder_.string()}; }, {folder_.c_str(), "folder"});
  expect_error([&] { ResultFile{folder_.string() + "/"}; }, {folder_.c_str(), "folder"});
  expect_error([] { ResultFile{""}; }, {"''", "empty"});
}

TEST_F(ResultFileTest, CreatesNothingBeforeTheFirstWrite) {
  const ResultFile file(path("result.json"));
  EXPECT_THAT(entries(), testing::IsEmpty());
}

TEST_F(ResultFileTest, AnExistingFileStaysUntouchedUntilTheFirstWrite) {
  put(path("result.json"), "before");
  const auto time = fs::last_write_time(path("result.json"));
  const ResultFile file(path("result.json"));
  EXPECT_EQ(content(path("result.json")), "before");
  EXPECT_EQ(fs::last_write_time(path("result.json")), time);
  EXPECT_THAT(entries(), testing::ElementsAre("result.json"));
}

TEST_F(ResultFileTest, EveryWriteIsTheWholeContent) {
  const ResultFile file(path("result.json"));
  file.write("a long first state");
  EXPECT_EQ(content(path("result.json")), "a long first state");
  file.write("short");
  EXPECT_EQ(content(path("result.json")), "short");
  EXPECT_THAT(entries(), testing::ElementsAre("result.json"));
}

// Whoever has the old file open goes on to see all of it: it was never truncated or half written.
TEST_F(ResultFileTest, ReplacesInOneStep) {
  put(path("result.json"), "before");
  std::ifstream reader(path("result.json"));
  const ResultFile file(path("result.json"));
  file.write("after");
  EXPECT_EQ(rest_of(reader), "before");
  EXPECT_EQ(content(path("result.json")), "after");
  EXPECT_THAT(entries(), testing::ElementsAre("result.json"));
}

TEST_F(ResultFileTest, AFullDiskLeavesWhatWasThere) {
  const ResultFile file(path("result.json"));
  file.write("before");
  const std::string large(100'000, 'x');
  expect_error(
      [&] {
        const FullDisk disk(4096);
        file.write(large);
      },
      {path("result.json").c_str(), "cannot be written"});
  EXPECT_EQ(content(path("result.json")), "before");
  EXPECT_THAT(entries(), testing::ElementsAre("result.json"));
  file.write("after");  // there is room again
  EXPECT_EQ(content(path("result.json")), "after");
}

TEST_F(ResultFileTest, AFolderThatVanishesIsAnError) {
  fs::create_directory(path("sub"));
  const ResultFile file(path("sub/result.json"));
  fs::remove(path("sub"));
  expect_error([&] { file.write("x"); }, {path("sub/result.json").c_str(), "cannot be written"});
}

TEST_F(ResultFileTest, DevicesAreWrittenAndNotReplaced) {
  const ResultFile null("/dev/null");
  null.write_last("x");
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
  const ResultFile full("/dev/full");
  expect_error([&] { full.write_last(std::string(100'000, 'x')); },
               {"/dev/full", "cannot be written"});
  EXPECT_TRUE(fs::is_character_file("/dev/full"));
}

TEST_F(ResultFileTest, AnErrorSaysWhatItIsThatCannotBeWritten) {
  expect_error([] { ResultFile("", "--trace"); }, {"--trace '' cannot be written"});
  const ResultFile full("/dev/full", "--trace");
  expect_error([&] { full.write_last(std::string(100'000, 'x')); }, {"--trace '/dev/full'"});
}

// A test's own streams may be anything, so they lead to a file for as long as this lives.
class StreamTo {
 public:
  StreamTo(int stream, const std::string& path) : stream_(stream), before_(dup(stream)) {
    const int file = open(path.c_str(), O_WRONLY | O_CREAT, 0600);
    dup2(file, stream);
    close(file);
  }
  ~StreamTo() {
    dup2(before_, stream_);
    close(before_);
  }
  StreamTo(const StreamTo&) = delete;
  StreamTo& operator=(const StreamTo&) = delete;

 private:
  int stream_;
  int before_;
};

TEST_F(ResultFileTest, KnowsWhereTheStandardStreamsGo) {
  for (const int stream : {STDOUT_FILENO, STDERR_FILENO}) {
    const StreamTo told(stream, path("told"));
    EXPECT_TRUE(is_standard_stream(path("told")));
    EXPECT_TRUE(is_standard_stream(stream == STDOUT_FILENO ? "/dev/stdout" : "/dev/stderr"));
    EXPECT_FALSE(is_standard_stream(path("other")));
  }
  EXPECT_FALSE(is_standard_stream(path("told")));
}

TEST(StandardStream, NothingIsLostInADeviceThatKeepsNothing) {
  const StreamTo told(STDERR_FILENO, "/dev/null");
  EXPECT_FALSE(is_standard_stream("/dev/null"));
}

}  // namespace
}  // namespace spate::bench
