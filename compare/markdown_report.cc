#include "compare/markdown_report.h"

#include <fmt/format.h>

#include <iterator>
#include <string_view>
#include <utility>

#include "compare/humane.h"
#include "compare/markdown_escape.h"
#include "compare/phrases.h"

namespace spate::compare {
namespace {

template <class... Args>
void print(std::string& out, fmt::format_string<Args...> format, Args&&... args) {
  fmt::format_to(std::back_inserter(out), format, std::forward<Args>(args)...);
}

std::string_view mark(const MetricResult& result) {
  if (result.acknowledged) {
    return ":information_source:";
  }
  switch (result.judgement.verdict) {
    case Verdict::worse:
      return ":x:";
    case Verdict::better:
      return ":rocket:";
    case Verdict::cannot_tell:
      return ":grey_question:";
    case Verdict::same:
      return ":white_check_mark:";
    case Verdict::not_judged:
      return "";
  }
  return "";
}

void print_judged(const Comparison& comparison, bool all, std::string& out) {
  const ShownCells shown = shown_cells(comparison, all);
  if (shown.cells.empty()) {
    return;
  }
  out += "\n| cell | metric | base | new | change | 95 % interval | verdict |\n";
  out += "|---|---|---:|---:|---:|---|---|\n";
  for (const std::size_t index : shown.cells) {
    const CellResult& cell = comparison.cells[index];
    for (const MetricResult& metric : cell.metrics) {
      if (metric.judgement.verdict == Verdict::not_judged) {
        continue;
      }
      print(out, "| {} | {} | {} | {} | {} | {} | {} {} |\n", code(cell.name),
            code(metric.metric.title), humane(metric.metric.unit, metric.reference),
            humane(metric.metric.unit, metric.other),
            humane_change(metric.metric, metric.judgement.evidence.change), humane_interval(metric),
            mark(metric), escaped(verdict_phrase(metric)));
    }
  }
  if (shown.doubtful_left_out > 0) {
    print(out, "\nand {} more cells in which something cannot be told\n", shown.doubtful_left_out);
  }
}

// Of modes the ratios: there is nothing to judge.
void print_modes(const Comparison& comparison, std::string& out) {
  if (comparison.cells.empty()) {
    return;
  }
  print(out, "\n| cell | metric | {} | {} | ratio |\n|---|---|---:|---:|---:|\n",
        escaped(comparison.sides[0]), escaped(comparison.sides[1]));
  for (const CellResult& cell : comparison.cells) {
    for (const MetricResult& metric : cell.metrics) {
      if (metric.metric.title != metric.metric.key) {
        print(out, "| {} | {} | {} | {} | {} |\n", code(cell.name), code(metric.metric.title),
              humane(metric.metric.unit, metric.reference),
              humane(metric.metric.unit, metric.other), humane_ratio(metric.ratio));
      }
    }
  }
}

void print_differences(const Comparison& comparison, std::string& out) {
  if (count_exact(comparison).different == 0) {
    return;
  }
  out += "\n**The seed fixes, and yet differ:**\n\n";
  for (const CellResult& cell : comparison.cells) {
    for (const Difference& difference : cell.exactness.differences) {
      print(out, "- {}: {}\n", code(cell.name), code(difference_phrase(difference)));
    }
    if (cell.exactness.more > 0) {
      print(out, "- {}: and {} more\n", code(cell.name), cell.exactness.more);
    }
  }
}

void print_unmatched(const Comparison& comparison, std::string& out) {
  if (comparison.unmatched.empty()) {
    return;
  }
  out += "\n**Without a partner:**\n\n";
  for (const Unmatched& cell : comparison.unmatched) {
    print(out, "- {} is missing in {}{}\n", code(unmatched_phrase(cell)), escaped(cell.missing_on),
          cell.acknowledged ? fmt::format(" (acknowledged: {})", escaped(*cell.acknowledged))
          : cell.is_loss    ? ""
                            : " (no loss of coverage)");
  }
}

void print_breaks(const Comparison& comparison, std::string& out) {
  if (comparison.breaks.empty()) {
    return;
  }
  out += "\n**Broken invariants:**\n\n";
  for (const Break& found : comparison.breaks) {
    print(out, "- {} [{}]: {}\n", code(found.cell), escaped(found.side), code(found.detail));
  }
}

}  // namespace

std::string markdown_report(const Comparison& comparison, bool all) {
  std::string out = fmt::format("**{}**\n", escaped(summary(comparison)));
  print_breaks(comparison, out);
  print_differences(comparison, out);
  print_unmatched(comparison, out);
  if (comparison.form == Form::files) {
    print_judged(comparison, all, out);
  } else if (comparison.form == Form::modes) {
    print_modes(comparison, out);
  }
  for (std::size_t i = 0; i < comparison.common.size(); ++i) {
    print(out, "{}- {}\n", i == 0 ? "\n**In common:**\n\n" : "",
          escaped(common_phrase(comparison.common[i])));
  }
  out += "\n<details><summary>Files and remarks</summary>\n\n";
  for (const std::string& remark : remarks(comparison)) {
    print(out, "- {}\n", escaped(remark));
  }
  for (const Input& input : comparison.inputs) {
    print(out, "- {}: {}{}\n",
          comparison.form == Form::modes ? "run" : comparison.sides.at(input.side),
          code(input.path),
          input.interrupted ? " (interrupted)"
          : input.truncated ? " (cut off)"
                            : "");
    for (const std::string& note : input.notes) {
      print(out, "  - {}\n", escaped(note));
    }
  }
  out += "\n</details>\n";
  return out;
}

}  // namespace spate::compare
