#include "compare/program.h"

#include <exception>
#include <new>
#include <ostream>
#include <utility>

#include "compare/comparison.h"
#include "compare/error.h"
#include "compare/humane.h"
#include "compare/json_report.h"
#include "compare/load.h"
#include "compare/options.h"
#include "compare/text_report.h"

namespace spate::compare {
namespace {

Comparison compare(const Options& options) {
  std::vector<ResultFile> files;
  for (const std::string& path : options.files) {
    files.push_back(load_results(path));
  }
  if (options.modes) {
    return compare_modes(*options.modes, std::move(files));
  }
  const auto compare_two = options.exact ? compare_files_exactly : compare_files;
  return compare_two(std::move(files.at(0)), std::move(files.at(1)));
}

ExitCode report(std::vector<std::string> arguments, std::ostream& out) {
  const Options options = parse_options(std::move(arguments));
  ExitCode code = ExitCode::fine;
  if (!options.answer.empty()) {
    out << options.answer;
  } else {
    const Comparison comparison = compare(options);
    code = comparison.exit_code;
    out << (options.format == Format::json ? json_report(comparison) : text_report(comparison));
  }
  out.flush();
  if (!out) {
    throw Error("cannot write the report to standard output; is the disk full?");
  }
  return code;
}

}  // namespace

ExitCode run(std::vector<std::string> arguments, std::ostream& out, std::ostream& err) noexcept {
  try {
    return report(std::move(arguments), out);
  } catch (const std::bad_alloc&) {
    err << "spate_compare: out of memory; compare smaller files" << std::endl;
    return ExitCode::unusable;
  } catch (const std::exception& fault) {
    err << "spate_compare: " << one_line(fault.what()) << std::endl;
    return ExitCode::unusable;
  }
}

}  // namespace spate::compare
