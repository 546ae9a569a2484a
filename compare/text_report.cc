#include "compare/text_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string_view>
#include <vector>

#include "compare/humane.h"
#include "compare/mode_report.h"
#include "compare/phrases.h"

namespace spate::compare {
namespace {

template <class... Args>
void print(std::string& out, fmt::format_string<Args...> format, Args&&... args) {
  fmt::format_to(std::back_inserter(out), format, std::forward<Args>(args)...);
}

enum class Ink : std::uint8_t { none, red, green, yellow };

std::string_view start_of(Ink ink) {
  switch (ink) {
    case Ink::red:
      return "\033[31m";
    case Ink::green:
      return "\033[32m";
    case Ink::yellow:
      return "\033[33m";
    case Ink::none:
      return "";
  }
  return "";
}

std::string inked(std::string_view text, Ink ink, const TextStyle& style) {
  return style.color && ink != Ink::none ? fmt::format("{}{}\033[0m", start_of(ink), text)
                                         : std::string(text);
}

Ink ink_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::worse:
      return Ink::red;
    case Verdict::better:
      return Ink::green;
    case Verdict::cannot_tell:
      return Ink::yellow;
    case Verdict::same:
    case Verdict::not_judged:
      return Ink::none;
  }
  return Ink::none;
}

Ink ink_of(ExitCode code) {
  switch (code) {
    case ExitCode::fine:
      return Ink::green;
    case ExitCode::inconclusive:
      return Ink::yellow;
    case ExitCode::finding:
    case ExitCode::unusable:
    case ExitCode::broken:
    case ExitCode::coverage_lost:
      return Ink::red;
  }
  return Ink::none;
}

// Broken between words where the line is full, and indented from there on.
void print_remark(std::string_view text, std::string& out) {
  constexpr std::size_t kWidth = 95;
  for (std::string_view indent = "note "; !text.empty(); indent = "     ") {
    const std::size_t space = text.size() <= kWidth ? text.size() : text.rfind(' ', kWidth);
    const std::size_t end =
        std::min(space == std::string_view::npos ? text.find(' ') : space, text.size());
    print(out, "{}{}\n", indent, text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

void print_inputs(const Comparison& comparison, std::string& out) {
  for (const Input& input : comparison.inputs) {
    const std::string_view role =
        comparison.form == Form::modes ? "run" : std::string_view(comparison.sides.at(input.side));
    print(out, "{:<5}{}{}\n", role, one_line(input.path),
          input.interrupted ? " (interrupted)"
          : input.truncated ? " (cut off)"
                            : "");
    for (const std::string& note : input.notes) {
      print(out, "     {}\n", one_line(note));
    }
  }
  for (const std::string& remark : remarks(comparison)) {
    print_remark(one_line(remark), out);
  }
  if (comparison.left_out > 0) {
    print(out, "left out, being no {}: {}\n",
          comparison.form == Form::exact ? "delivery" : "cell of either mode", comparison.left_out);
  }
}

void print_modes(const Comparison& comparison, std::string& out) {
  for (const CellResult& cell : comparison.cells) {
    out += '\n';
    out += mode_text(*cell.modes, cell.name, comparison.sides);
  }
}

// Title, both sides, change, interval and verdict: 67 columns before the verdict.
constexpr std::string_view kVerdictLine = "  {:<12.28}{:>11}{:>11}{:>9}  {:<18}  {}\n";

void print_verdict(const MetricResult& result, const TextStyle& style, std::string& out) {
  const Verdict verdict = result.acknowledged ? Verdict::not_judged : result.judgement.verdict;
  print(out, kVerdictLine, one_line(result.metric.title),
        humane(result.metric.unit, result.reference), humane(result.metric.unit, result.other),
        humane_change(result.metric, result.judgement.evidence.change), humane_interval(result),
        inked(one_line(verdict_phrase(result)), ink_of(verdict), style));
}

// How many values a side has: of the metric with most, since a run may lack one.
std::string replication_phrase(const CellResult& cell, Replication replication) {
  std::array<std::size_t, 2> most{};
  for (const MetricResult& metric : cell.metrics) {
    most = {std::max(most[0], metric.runs[0]), std::max(most[1], metric.runs[1])};
  }
  const std::string_view unit = replication == Replication::process ? "process" : "repetition";
  const std::string_view ending = replication == Replication::process ? "es" : "s";
  return most[0] == most[1]
             ? fmt::format("{} {}{} a side", most[0], unit, most[0] == 1 ? "" : ending)
             : fmt::format("{} and {} {}{}", most[0], most[1], unit, ending);
}

void print_judged_cell(const CellResult& cell, Replication replication, const TextStyle& style,
                       std::string& out) {
  print(out, "\n{}  ({})\n", one_line(cell.name), replication_phrase(cell, replication));
  for (const MetricResult& result : cell.metrics) {
    if (result.judgement.verdict != Verdict::not_judged) {
      print_verdict(result, style, out);
    }
  }
}

void print_judged(const Comparison& comparison, const TextStyle& style, std::string& out) {
  const ShownCells shown = shown_cells(comparison, style.all);
  if (!shown.cells.empty()) {
    out += '\n';
    print(out, kVerdictLine, "", "base", "new", "change", "95 % interval", "verdict");
  }
  for (const std::size_t index : shown.cells) {
    print_judged_cell(comparison.cells[index], comparison.replication, style, out);
  }
  if (shown.doubtful_left_out > 0) {
    print(out, "\nand {} more cells in which something cannot be told (--all)\n",
          shown.doubtful_left_out);
  }
  for (std::size_t i = 0; i < comparison.common.size(); ++i) {
    print(out, "{}{}\n", i == 0 ? "\nIn common:\n  " : "  ",
          one_line(common_phrase(comparison.common[i])));
  }
}

void print_differences(const Comparison& comparison, std::string& out) {
  if (count_exact(comparison).different == 0) {
    return;
  }
  out += "\nThe seed fixes, and yet differ:\n";
  for (const CellResult& cell : comparison.cells) {
    if (cell.exactness.differences.empty()) {
      continue;
    }
    print(out, "  {}\n", one_line(cell.name));
    for (const Difference& difference : cell.exactness.differences) {
      print(out, "    {}\n", one_line(difference_phrase(difference)));
    }
    if (cell.exactness.more > 0) {
      print(out, "    and {} more\n", cell.exactness.more);
    }
  }
}

void print_undemanded(const Comparison& comparison, std::string& out) {
  if (count_exact(comparison).demanded == comparison.cells.size()) {
    return;
  }
  out += "\nNothing is demanded of:\n";
  for (const CellResult& cell : comparison.cells) {
    if (!cell.exactness.demanded) {
      print(out, "  {}\n", one_line(cell.name));
    }
  }
}

void print_unmatched(const Comparison& comparison, const std::string& side, std::string& out) {
  bool has_heading = false;
  for (const Unmatched& cell : comparison.unmatched) {
    if (cell.missing_on != side) {
      continue;
    }
    if (!has_heading) {
      print(out, "\nMissing in {}{}:\n", one_line(side),
            cell.is_loss ? "" : " (no loss of coverage)");
      has_heading = true;
    }
    print(
        out, "  {}{}\n", one_line(unmatched_phrase(cell)),
        cell.acknowledged ? fmt::format(" (acknowledged: {})", one_line(*cell.acknowledged)) : "");
  }
}

void print_breaks(const Comparison& comparison, std::string& out) {
  if (comparison.breaks.empty()) {
    return;
  }
  out += "\nBroken invariants:\n";
  for (const Break& found : comparison.breaks) {
    print(out, "  {} [{}]\n    {}\n", one_line(found.cell), one_line(found.side),
          one_line(found.detail));
  }
}

}  // namespace

std::string text_report(const Comparison& comparison, const TextStyle& style) {
  std::string out;
  print_inputs(comparison, out);
  if (comparison.form == Form::modes) {
    print_modes(comparison, out);
  } else {
    print_differences(comparison, out);
    if (comparison.form == Form::exact) {
      print_undemanded(comparison, out);
    } else {
      print_judged(comparison, style, out);
    }
  }
  print_unmatched(comparison, comparison.sides[1], out);
  print_unmatched(comparison, comparison.sides[0], out);
  print_breaks(comparison, out);
  print(out, "\n{}\n", inked(one_line(summary(comparison)), ink_of(comparison.exit_code), style));
  return out;
}

}  // namespace spate::compare
