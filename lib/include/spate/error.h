// The one exception type of the cold paths. Nothing on a hot path throws.
#pragma once

#include <stdexcept>
#include <string>

namespace spate {

// What every Spate program tells its caller.
enum class ExitCode : int {
  fine = 0,
  finding = 1,           // what the program exists to report: a broken ledger, a regression
  usage = 2,             // usage, or input that cannot be read
  inconclusive = 3,      //
  invariant_broken = 4,  // in the data that is being compared
  coverage_lost = 5,     //
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
