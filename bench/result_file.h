// A result file that is valid at all times: each state replaces the one before in one step. And
// what else a path may lead to.
#pragma once

#include <string>

#include "spate/error.h"

namespace spate::bench {

class ResultFile {
 public:
  // Finds out whether the path can be written, before a long run depends on it. Throws Error, whose
  // line begins with `what`. An existing file keeps its content until the first write().
  explicit ResultFile(std::string path, const char* what = "output");

  // Throws Error when the disk refuses; what stood there before is still there then. A pipe or a
  // device cannot be replaced: it gets nothing but the last state.
  void write(const std::string& content) const;
  void write_last(const std::string& content) const;

 private:
  Error cannot_write(const char* why) const;
  std::string temporary() const;
  void put(const std::string& content) const;

  std::string path_;
  const char* what_;
  bool replace_;  // a regular file, or none yet; not a pipe or a device
};

// Whether the path leads to where standard output or standard error goes: to a file, a pipe or a
// terminal, but not to another device.
bool is_standard_stream(const std::string& path);

}  // namespace spate::bench
