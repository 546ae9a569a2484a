// Result files as the tests need them: each row a whole one, to be changed where a test means it.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "compare/exit_code.h"

namespace spate::compare {

// A delivery of 500 messages at 1000 a second to 9 agents, in which nothing went wrong.
nlohmann::json delivery_row(const std::string& mode = "mock", int rate = 1000);

// The same in virtual time, with all that a row has beside its counters.
nlohmann::json virtual_row(int rate = 1000);

// A benchmark that is not of a delivery.
nlohmann::json plain_row(const std::string& name, double time, const std::string& unit = "ns");

nlohmann::json result_file(const std::vector<nlohmann::json>& rows, bool interrupted = false);

struct Outcome {
  ExitCode code = ExitCode::fine;
  std::string out;
  std::string err;
};

// Runs the program on files that hold these texts, in this order behind `flags`.
Outcome run_on(const std::vector<std::string>& texts, std::vector<std::string> flags = {});
Outcome compare(const nlohmann::json& base, const nlohmann::json& candidate);
Outcome compare_rows(const std::vector<nlohmann::json>& base,
                     const std::vector<nlohmann::json>& candidate);
Outcome compare_modes(const nlohmann::json& file, const std::string& modes = "mock,queue");

// The verdict of such a run as JSON.
nlohmann::json verdict(const std::vector<nlohmann::json>& files,
                       std::vector<std::string> flags = {});

// For the messages of failed tests.
inline std::ostream& operator<<(std::ostream& out, ExitCode code) {
  return out << static_cast<int>(code);
}

}  // namespace spate::compare
