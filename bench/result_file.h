// A result file that is valid at all times: each state replaces the one before in one step.
#pragma once

#include <string>

namespace spate::bench {

class ResultFile {
 public:
  // Finds out whether the path can be written, before a long run depends on it. Throws Error. An
  // existing file keeps its content until the first write().
  explicit ResultFile(std::string path);

  // Throws Error when the disk refuses; what stood there before is still there then. A pipe or a
  // device cannot be replaced: it gets nothing but the last state.
  void write(const std::string& content) const;
  void write_last(const std::string& content) const;

 private:
  std::string temporary() const;
  void put(const std::string& content) const;

  std::string path_;
  bool replace_;  // a regular file, or none yet; not a pipe or a device
};

}  // namespace spate::bench
