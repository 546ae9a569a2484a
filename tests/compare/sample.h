// Result files as the tests need them: each row a whole one, to be changed where a test means it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "compare/comparison.h"
#include "compare/exit_code.h"
#include "compare/load.h"
#include "compare/settings.h"

namespace spate::compare {

// A delivery of 500 messages at 1000 a second to 9 agents, in which nothing went wrong.
nlohmann::json delivery_row(const std::string& mode = "mock", int rate = 1000);

// The same in virtual time, with all that a row has beside its counters.
nlohmann::json virtual_row(int rate = 1000);

// A benchmark that is not of a delivery.
nlohmann::json plain_row(const std::string& name, double time, const std::string& unit = "ns");

nlohmann::json result_file(const std::vector<nlohmann::json>& rows, bool interrupted = false);

// Each row four times, which is how many it takes for equal sides to be called the same.
std::vector<nlohmann::json> often(const std::vector<nlohmann::json>& rows);

// Repetitions of one row, each with one of the values.
std::vector<nlohmann::json> with_values(const nlohmann::json& row, const std::string& key,
                                        const std::vector<double>& values);

// `count` values with the given middle, no two alike, and none further from it than 1 %.
std::vector<double> around(double middle, std::size_t count = 10);

// What the values of files that hold these rows come to, one file a side.
Comparison compared(const std::vector<nlohmann::json>& base,
                    const std::vector<nlohmann::json>& candidate, const Settings& settings = {});

// As many files a side as there are.
Comparison compared_files(const std::vector<nlohmann::json>& base,
                          const std::vector<nlohmann::json>& candidate,
                          const Settings& settings = {});

// Of the only cell.
const MetricResult& metric_of(const Comparison& comparison, std::string_view key);

// A file for as long as this lives, its name free of other tests that run at the same time.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& text);
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  TemporaryFile(TemporaryFile&& other) noexcept;
  TemporaryFile& operator=(TemporaryFile&&) = delete;
  ~TemporaryFile();

  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

struct Outcome {
  ExitCode code = ExitCode::fine;
  std::string out;
  std::string err;
};

// Runs the program on files that hold these texts, in this order behind `flags`.
Outcome run_on(const std::vector<std::string>& texts, std::vector<std::string> flags = {});
Outcome compare(const nlohmann::json& base, const nlohmann::json& candidate);
Outcome compare_rows(const std::vector<nlohmann::json>& base,
                     const std::vector<nlohmann::json>& candidate,
                     std::vector<std::string> flags = {});
Outcome compare_modes(const nlohmann::json& file, const std::string& modes = "mock,queue");

// The verdict of such a run as JSON.
nlohmann::json verdict(const std::vector<nlohmann::json>& files,
                       std::vector<std::string> flags = {});

// For the messages of failed tests.
inline std::ostream& operator<<(std::ostream& out, ExitCode code) {
  return out << static_cast<int>(code);
}

}  // namespace spate::compare
