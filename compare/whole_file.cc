#include "compare/whole_file.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "compare/error.h"
#include "compare/huge_pages.h"

namespace spate::compare {
namespace {

constexpr std::size_t kMaxFileBytes = std::size_t{512} * 1024 * 1024;

struct CloseFile {
  void operator()(std::FILE* file) const { (void)std::fclose(file); }
};

// What the system says beforehand, to grow once only; a pipe says nothing.
std::size_t expected_size(std::FILE* file) {
  struct stat status {};
  const bool known = fstat(fileno(file), &status) == 0 && status.st_size > 0;
  return known ? static_cast<std::size_t>(status.st_size) : 0;
}

}  // namespace

FileText::FileText(const std::string& path) {
  const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "rb"));
  if (!file) {
    throw Error(
        fmt::format("cannot open {}: {}; expected a file to read", path, std::strerror(errno)));
  }
  // Straight into the memory.
  (void)std::setvbuf(file.get(), nullptr, _IONBF, 0);
  // One byte more, so that the end of the file is met without growing.
  grow(std::min(expected_size(file.get()), kMaxFileBytes) + 1);
  while (const std::size_t got =
             std::fread(memory_.get() + size_, 1, capacity_ - size_, file.get())) {
    size_ += got;
    if (size_ > kMaxFileBytes) {
      throw Error(fmt::format("{} is larger than {} MiB; expected a smaller file", path,
                              kMaxFileBytes / 1024 / 1024));
    }
    if (size_ == capacity_) {
      grow(2 * capacity_);
    }
  }
  // A directory opens like a file and fails only here.
  if (std::ferror(file.get()) != 0) {
    throw Error(
        fmt::format("cannot read {}: {}; expected a file to read", path, std::strerror(errno)));
  }
}

void FileText::Free::operator()(char* memory) const { std::free(memory); }

void FileText::grow(std::size_t capacity) {
  std::unique_ptr<char, Free> larger(static_cast<char*>(allocate_pages(capacity)));
  if (size_ > 0) {
    std::memcpy(larger.get(), memory_.get(), size_);
  }
  memory_ = std::move(larger);
  capacity_ = capacity;
}

void write_file(const std::string& path, const std::string& text) {
  const auto fail = [&](const std::string& beside) {
    const std::string reason = std::strerror(errno);
    (void)std::remove(beside.c_str());
    throw Error(fmt::format(
        "cannot write {}: {}; expected a file in a folder that is there and may be written to",
        path, reason));
  };
  // What is no regular file (/dev/stdout, a pipe) cannot be replaced by one.
  std::error_code ignored;
  const bool exists = std::filesystem::exists(path, ignored);
  const bool in_place = exists && !std::filesystem::is_regular_file(path, ignored);
  // Of a link the file that it leads to, or the link would be gone. A pipe of a shell's, >(…), is
  // one that leads to no name.
  const std::string target = exists && !in_place ? std::filesystem::canonical(path).string() : path;
  const std::string written = in_place ? path : fmt::format("{}.{}.part", target, getpid());
  std::unique_ptr<std::FILE, CloseFile> file(std::fopen(written.c_str(), "wb"));
  const bool complete = file &&
                        std::fwrite(text.data(), 1, text.size(), file.get()) == text.size() &&
                        std::fclose(file.release()) == 0;
  // Whoever reads a pipe may have read enough.
  if (!complete && !(in_place && errno == EPIPE)) {
    fail(in_place ? "" : written);
  }
  if (!in_place && std::rename(written.c_str(), target.c_str()) != 0) {
    fail(written);
  }
}

}  // namespace spate::compare
