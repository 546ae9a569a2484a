// The one exception type of the cold paths. Nothing on a hot path throws.
#pragma once

#include <stdexcept>
#include <string>

namespace spate {

// What a program that runs something tells its caller. (spate_compare has two more of its own.)
enum class ExitCode : int {
  fine = 0,
  finding = 1,       // what the program exists to report: a broken ledger
  usage = 2,         // usage, or input that cannot be read
  inconclusive = 3,  // stopped from outside
};

// The message is one line: what was given, what is allowed, what to do.
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& line, ExitCode code = ExitCode::usage)
      : std::runtime_error(line), code_(code) {}
  ExitCode code() const noexcept { return code_; }

 private:
  ExitCode code_;
};

}  // namespace spate
