#include "result_file.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace spate::bench {
namespace {

namespace fs = std::filesystem;

// /dev/stdout and its like are links to files that belong to somebody else.
bool is_system_link(const std::string& path) {
  return path == "/dev/stdout" || path == "/dev/stderr" || path.rfind("/dev/fd/", 0) == 0 ||
         path.rfind("/proc/", 0) == 0;
}

}  // namespace

ResultFile::ResultFile(std::string path, const char* what) : path_(std::move(path)), what_(what) {
  std::error_code ignored;
  const fs::file_status status = fs::status(path_, ignored);
  if (path_.empty() || fs::is_directory(status)) {
    throw cannot_write(path_.empty() ? "the name is empty" : "it is a folder");
  }
  const bool system_link = is_system_link(path_);
  replace_ = !fs::exists(status) || fs::is_regular_file(status);
  if (fs::exists(status) && access(path_.c_str(), W_OK) != 0) {
    throw cannot_write(std::strerror(errno));
  }
  if (!fs::exists(status) && fs::is_symlink(fs::symlink_status(path_, ignored))) {
    throw cannot_write("it is a link to nothing");
  }
  if (system_link) {
    replace_ = false;
  } else if (replace_ && fs::is_symlink(fs::symlink_status(path_, ignored))) {
    path_ =
        fs::weakly_canonical(path_, ignored).string();  // the link stays, its target is replaced
  }
  if (replace_) {
    errno = 0;
    const bool writable = std::ofstream(temporary()).is_open();
    const int error = errno;
    fs::remove(temporary(), ignored);
    if (!writable) {
      throw cannot_write(std::strerror(error));
    }
  }
}

Error ResultFile::cannot_write(const char* why) const {
  return Error(fmt::format("{} '{}' cannot be written: {}; give a file in a writable folder", what_,
                           path_, why));
}

std::string ResultFile::temporary() const { return fmt::format("{}.{}.tmp", path_, getpid()); }

void ResultFile::write(const std::string& content) const {
  if (replace_) {
    put(content);
  }
}

void ResultFile::write_last(const std::string& content) const { put(content); }

void ResultFile::put(const std::string& content) const {
  const std::string target = replace_ ? temporary() : path_;
  std::ofstream file(target, std::ios::binary);
  file << content;
  file.close();
  if (file.fail() || (replace_ && std::rename(target.c_str(), path_.c_str()) != 0)) {
    const int error = errno;
    if (replace_) {
      std::error_code ignored;
      fs::remove(target, ignored);
    }
    throw cannot_write(std::strerror(error));
  }
}

bool is_standard_stream(const std::string& path) {
  struct stat file {};
  if (stat(path.c_str(), &file) != 0) {
    return false;
  }
  const auto leads_there = [&](int stream) {
    struct stat there {};
    return fstat(stream, &there) == 0 && there.st_dev == file.st_dev &&
           there.st_ino == file.st_ino && (!S_ISCHR(there.st_mode) || isatty(stream) == 1);
  };
  return leads_there(STDOUT_FILENO) || leads_there(STDERR_FILENO);
}

}  // namespace spate::bench
