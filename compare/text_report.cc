#include "compare/text_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <optional>
#include <string_view>
#include <vector>

#include "compare/humane.h"
#include "compare/ink.h"
#include "compare/mode_report.h"
#include "compare/phrases.h"
#include "compare/terminal/columns.h"
#include "compare/terminal/table.h"

namespace spate::compare {
namespace {

template <class... Args>
void print(std::string& out, fmt::format_string<Args...> format, Args&&... args) {
  fmt::format_to(std::back_inserter(out), format, std::forward<Args>(args)...);
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

// Where the line is full the rest begins below, so many blanks in.
void print_filled(std::string_view text, std::size_t hanging, const TextStyle& style,
                  std::string& out) {
  print(out, "{}\n", wrapped(text, style.columns, hanging));
}

void print_inputs(const Comparison& comparison, const TextStyle& style, std::string& out) {
  for (const Input& input : comparison.inputs) {
    const std::string_view role =
        comparison.form == Form::modes ? "run" : std::string_view(comparison.sides.at(input.side));
    print(out, "{:<5}{}{}\n", role, one_line(input.path),
          input.interrupted ? " (interrupted)"
          : input.truncated ? " (cut off)"
                            : "");
    for (const std::string& note : input.notes) {
      print_filled(fmt::format("     {}", one_line(note)), 5, style, out);
    }
  }
  for (const std::string& remark : remarks(comparison)) {
    print_filled(fmt::format("note {}", one_line(remark)), 5, style, out);
  }
  if (comparison.left_out > 0) {
    print(out, "left out, being no {}: {}\n",
          comparison.form == Form::exact ? "delivery" : "cell of either mode", comparison.left_out);
  }
  if (comparison.steps_left_out > 0) {
    print(out, "left out, being steps of a search for the highest rate: {}\n",
          comparison.steps_left_out);
  }
}

void print_modes(const Comparison& comparison, const TextStyle& style, std::string& out) {
  for (const CellResult& cell : comparison.cells) {
    out += '\n';
    out += mode_text(*cell.modes, cell.name, comparison.sides, style.columns);
  }
}

// What a verdict is to have: as much as its longest line may need, or less where the rest needs it.
constexpr std::array<std::size_t, 3> kVerdictColumns{31, 25, 21};
constexpr std::size_t kLeastVerdictColumns = 7;  // of its title

// The rows of the shown cells, each but for its verdict: in columns that all cells share.
class VerdictTable {
 public:
  explicit VerdictTable(const TextStyle& style) : style_(style) {}

  void add(const MetricResult& result) {
    table_.add(
        {fmt::format("  {}", one_line(result.metric.title)),
         humane(result.metric.unit, result.reference), humane(result.metric.unit, result.other),
         humane_change(result.metric, result.judgement.evidence.change), humane_interval(result)});
    const Verdict verdict = result.acknowledged ? Verdict::not_judged : result.judgement.verdict;
    verdicts_.push_back({one_line(verdict_phrase(result)), ink_of(verdict)});
  }

  // The heading, then the rows in their order.
  std::vector<std::string> lines() const {
    std::size_t longest = kLeastVerdictColumns;
    for (const Phrase& verdict : verdicts_) {
      longest = std::max(longest, columns_of(verdict.text));
    }
    std::vector<std::string> lines;
    for (const std::size_t columns : kVerdictColumns) {
      lines = table_.lines(style_.columns - std::min(columns, longest) - 2);
      if (std::none_of(lines.begin(), lines.end(), [](const std::string& line) {
            return line.find('\n') != std::string::npos;
          })) {
        break;
      }
    }
    std::size_t width = 0;
    for (const std::string& line : lines) {
      width = std::max(width, columns_of(line.substr(line.rfind('\n') + 1)));
    }
    for (std::size_t at = 0; at < lines.size(); ++at) {
      const auto& [text, ink] = at == 0 ? Phrase{"verdict", Ink::none} : verdicts_[at - 1];
      const std::size_t used = columns_of(lines[at].substr(lines[at].rfind('\n') + 1));
      // As if it began at the left, for the sake of its line breaks.
      const std::string phrase =
          wrapped(fmt::format("{:{}}{}", "", width + 2, text), style_.columns, width + 2);
      lines[at] +=
          fmt::format("{:{}}{}", "", width + 2 - used,
                      inked(std::string_view(phrase).substr(width + 2), ink, style_.color));
      lines[at].resize(lines[at].find_last_not_of(' ') + 1);
    }
    return lines;
  }

 private:
  struct Phrase {
    std::string text;
    Ink ink;
  };
  const TextStyle& style_;
  Table table_{{{"", true}, {"base"}, {"new"}, {"change"}, {"95 % interval", true}}};
  std::vector<Phrase> verdicts_;
};

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

std::vector<const MetricResult*> judged(const CellResult& cell) {
  std::vector<const MetricResult*> results;
  for (const MetricResult& result : cell.metrics) {
    if (result.judgement.verdict != Verdict::not_judged) {
      results.push_back(&result);
    }
  }
  return results;
}

void print_cells(const Comparison& comparison, const std::vector<std::size_t>& cells,
                 const TextStyle& style, std::string& out) {
  VerdictTable table(style);
  for (const std::size_t index : cells) {
    for (const MetricResult* const result : judged(comparison.cells[index])) {
      table.add(*result);
    }
  }
  const std::vector<std::string> lines = table.lines();
  print(out, "\n{}\n", lines.front());
  std::size_t row = 1;
  for (const std::size_t index : cells) {
    const CellResult& cell = comparison.cells[index];
    out += '\n';
    print_filled(fmt::format("{}  ({})", one_line(cell.name),
                             replication_phrase(cell, comparison.replication)),
                 2, style, out);
    for (std::size_t left = judged(cell).size(); left > 0; --left) {
      print(out, "{}\n", lines[row++]);
    }
  }
}

void print_judged(const Comparison& comparison, const TextStyle& style, std::string& out) {
  const ShownCells shown = shown_cells(comparison, style.all);
  if (!shown.cells.empty()) {
    print_cells(comparison, shown.cells, style, out);
  }
  if (shown.doubtful_left_out > 0) {
    print(out, "\nand {} more cells in which something cannot be told (--all)\n",
          shown.doubtful_left_out);
  }
  for (std::size_t i = 0; i < comparison.common.size(); ++i) {
    out += i == 0 ? "\nIn common:\n" : "";
    print_filled(fmt::format("  {}", one_line(common_phrase(comparison.common[i]))), 4, style, out);
  }
}

void print_differences(const Comparison& comparison, const TextStyle& style, std::string& out) {
  if (count_exact(comparison).different == 0) {
    return;
  }
  out += "\nThe seed fixes, and yet differ:\n";
  for (const CellResult& cell : comparison.cells) {
    if (cell.exactness.differences.empty()) {
      continue;
    }
    print_filled(fmt::format("  {}", one_line(cell.name)), 4, style, out);
    for (const Difference& difference : cell.exactness.differences) {
      print_filled(fmt::format("    {}", one_line(difference_phrase(difference))), 6, style, out);
    }
    if (cell.exactness.more > 0) {
      print(out, "    and {} more\n", cell.exactness.more);
    }
  }
}

void print_undemanded(const Comparison& comparison, const TextStyle& style, std::string& out) {
  if (count_exact(comparison).demanded == comparison.cells.size()) {
    return;
  }
  out += "\nNothing is demanded of:\n";
  for (const CellResult& cell : comparison.cells) {
    if (!cell.exactness.demanded) {
      print_filled(fmt::format("  {}", one_line(cell.name)), 4, style, out);
    }
  }
}

void print_unmatched(const Comparison& comparison, const std::string& side, const TextStyle& style,
                     std::string& out) {
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
    const std::string excuse =
        cell.acknowledged ? fmt::format(" (acknowledged: {})", one_line(*cell.acknowledged)) : "";
    print_filled(fmt::format("  {}{}", one_line(unmatched_phrase(cell)), excuse), 4, style, out);
  }
}

void print_breaks(const Comparison& comparison, const TextStyle& style, std::string& out) {
  if (comparison.breaks.empty()) {
    return;
  }
  out += "\nBroken invariants:\n";
  for (const Break& found : comparison.breaks) {
    print_filled(fmt::format("  {} [{}]", one_line(found.cell), one_line(found.side)), 4, style,
                 out);
    print_filled(fmt::format("    {}", one_line(found.detail)), 6, style, out);
  }
}

}  // namespace

std::string text_report(const Comparison& comparison, const TextStyle& style) {
  std::string out;
  print_inputs(comparison, style, out);
  if (comparison.form == Form::modes) {
    print_modes(comparison, style, out);
  } else {
    print_differences(comparison, style, out);
    if (comparison.form == Form::exact) {
      print_undemanded(comparison, style, out);
    } else {
      print_judged(comparison, style, out);
    }
  }
  print_unmatched(comparison, comparison.sides[1], style, out);
  print_unmatched(comparison, comparison.sides[0], style, out);
  print_breaks(comparison, style, out);
  print(out, "\n{}\n",
        inked(wrapped(one_line(summary(comparison)), style.columns, 2),
              ink_of(comparison.exit_code), style.color));
  return out;
}

}  // namespace spate::compare
