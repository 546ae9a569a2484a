#include "compare/program.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <exception>
#include <iterator>
#include <new>
#include <ostream>
#include <utility>

#include "compare/comparison.h"
#include "compare/error.h"
#include "compare/history/folder.h"
#include "compare/history/trend.h"
#include "compare/history/trend_report.h"
#include "compare/html/report.h"
#include "compare/humane.h"
#include "compare/json_report.h"
#include "compare/junit_report.h"
#include "compare/load.h"
#include "compare/markdown_report.h"
#include "compare/options.h"
#include "compare/terminal/readers.h"
#include "compare/terminal/screen.h"
#include "compare/text_report.h"
#include "compare/whole_file.h"

namespace spate::compare {
namespace {

// The files that were read, and what they come to.
struct Result {
  std::array<std::vector<ResultFile>, 2> files;  // the second one only where there are two sides
  Comparison comparison;
};

void compare_two_sides(const Options& options, Result& result) {
  std::vector<std::string> paths = options.sides[0];
  paths.insert(paths.end(), options.sides[1].begin(), options.sides[1].end());
  std::vector<ResultFile> files = load_all(paths);
  const auto middle = files.begin() + static_cast<std::ptrdiff_t>(options.sides[0].size());
  result.files = {std::vector(std::move_iterator(files.begin()), std::move_iterator(middle)),
                  std::vector(std::move_iterator(middle), std::move_iterator(files.end()))};
  result.comparison = options.exact ? compare_sides_exactly(result.files, options.settings)
                                    : compare_sides(result.files, options.settings);
}

void compare(const Options& options, Result& result) {
  if (options.modes) {
    result.files[0] = load_all(options.runs);
    result.comparison = compare_modes(*options.modes, result.files[0], options.settings);
  } else if (options.show) {
    result.files[0] = load_all(options.runs);
    result.comparison = show_cells(result.files[0], options.settings);
  } else {
    compare_two_sides(options, result);
  }
}

std::string html_report(const Result& result) {
  std::vector<const std::vector<ResultFile>*> sides{&result.files[0]};
  if (!result.files[1].empty()) {
    sides.push_back(&result.files[1]);
  }
  return html::report(result.comparison, sides);
}

std::string rendered(const Result& result, Format format, const TextStyle& style) {
  switch (format) {
    case Format::text:
      return text_report(result.comparison, style);
    case Format::markdown:
      return markdown_report(result.comparison, style.all);
    case Format::json:
      return json_report(result.comparison);
    case Format::junit:
      return junit_report(result.comparison);
    case Format::html:
      return html_report(result);
  }
  return "";
}

void add(const HistoryOptions& history, std::ostream& out) {
  for (const Addition& addition :
       add_to_history(history.folder, history.results, {history.commit, history.date})) {
    out << (addition.is_new ? "kept " : "has  ") << one_line(addition.path) << '\n';
  }
}

Trend trend_in(const Options& options) {
  const HistoryOptions& asked = *options.history;
  return trend_of(load_history(asked.folder),
                  {options.settings, asked.is_gate, asked.recent, asked.cells, asked.metrics});
}

std::string rendered(const Trend& trend, const Options& options, Format format,
                     const TextStyle& style) {
  switch (format) {
    case Format::markdown:
      return trend_markdown(trend, style.all);
    case Format::json:
      return trend_json(trend);
    case Format::text:
    case Format::junit:  // refused with the flags, as the next
    case Format::html:
      break;
  }
  return trend_text(trend, style, options.history->ascii ? Script::ascii : script_of_locale());
}

bool wants_color(const Options& options) {
  if (options.color == Color::automatic) {
    return has_colours(STDOUT_FILENO);
  }
  return options.color == Color::always;
}

// All are rendered before the first is written: what cannot be drawn (a damaged histogram) leaves
// nothing behind, on standard output neither. Who cannot write one has those before it.
void write_reports(const Options& options, const auto& render, std::ostream& out) {
  const std::string shown = render(options.format);
  std::vector<std::string> texts;
  for (const ReportBesides& report : options.besides) {
    texts.push_back(report.path.empty() ? "" : render(report.format));
  }
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (!options.besides[i].path.empty()) {
      write_file(options.besides[i].path, texts[i]);
    }
  }
  out << shown;
}

ExitCode report(std::vector<std::string> arguments, std::ostream& out) {
  const Options options = parse_options(std::move(arguments));
  const TextStyle style{.color = wants_color(options),
                        .all = options.all,
                        .columns = std::max(columns_on(STDOUT_FILENO), kUsualColumns)};
  ExitCode code = ExitCode::fine;
  if (!options.answer.empty()) {
    out << options.answer;
  } else if (options.history && !options.history->results.empty()) {
    add(*options.history, out);
  } else if (options.history) {
    const Trend trend = trend_in(options);
    code = trend.exit_code;
    write_reports(
        options, [&](Format format) { return rendered(trend, options, format, style); }, out);
  } else {
    Result result;
    compare(options, result);
    code = result.comparison.exit_code;
    write_reports(
        options, [&](Format format) { return rendered(result, format, style); }, out);
  }
  out.flush();
  if (!out && !reader_has_gone()) {
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
