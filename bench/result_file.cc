#include "result_file.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "spate/error.h"

namespace spate::bench {
namespace {

Error cannot_write(const std::string& path, const char* why) {
  return Error(fmt::format("output '{}' cannot be written: {}; give a file in a writable folder",
                           path, why));
}

// /dev/stdout and its like are links to files that belong to somebody else.
bool is_system_link(const std::string& path) {
  return path == "/dev/stdout" || path == "/dev/stderr" || path.rfind("/dev/fd/", 0) == 0 ||
         path.rfind("/proc/", 0) == 0;
}

}  // namespace

ResultFile::ResultFile(std::string path) : path_(std::move(path)) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  const fs::file_status status = fs::status(path_, ignored);
  if (path_.empty() || fs::is_directory(status)) {
    throw cannot_write(path_, path_.empty() ? "the name is empty" : "it is a folder");
  }
  const bool system_link = is_system_link(path_);
  replace_ = !fs::exists(status) || fs::is_regular_file(status);
  if (fs::exists(status) && access(path_.c_str(), W_OK) != 0) {
    throw cannot_write(path_, std::strerror(errno));
  }
  if (!fs::exists(status) && fs::is_symlink(fs::symlink_status(path_, ignored))) {
    throw cannot_write(path_, "it is a link to nothing");
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
      throw cannot_write(path_, std::strerror(error));
    }
  }
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
      std::filesystem::remove(target, ignored);
    }
    throw cannot_write(path_, std::strerror(error));
  }
}

}  // namespace spate::bench
