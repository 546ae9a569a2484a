#include "compare/text_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "compare/humane.h"

namespace spate::compare {
namespace {

constexpr std::size_t kMaxLabel = 24;  // with six columns of 12 and the indent: 98

template <class... Args>
void print(std::string& out, fmt::format_string<Args...> format, Args&&... args) {
  fmt::format_to(std::back_inserter(out), format, std::forward<Args>(args)...);
}

void print_inputs(const Comparison& comparison, std::string& out) {
  for (std::size_t i = 0; i < comparison.inputs.size(); ++i) {
    const Input& input = comparison.inputs[i];
    const std::string_view role =
        comparison.form == Form::modes ? "run" : std::string_view(comparison.sides.at(i));
    print(out, "{:<5}{}{}\n", role, one_line(input.path),
          input.interrupted ? " (interrupted)" : "");
  }
  if (comparison.left_out > 0) {
    print(out, "left out, being no {}: {}\n",
          comparison.form == Form::exact ? "delivery" : "cell of either mode", comparison.left_out);
  }
}

// Of the first column: names of sides, and "ratio".
std::size_t label_width(const Comparison& comparison) {
  const std::size_t longest =
      std::max({comparison.sides[0].size(), comparison.sides[1].size(), std::size_t{5}});
  return std::min(longest, kMaxLabel);
}

void print_titles(const CellResult& cell, std::size_t width, std::string& out) {
  print(out, "\n  {:<{}}", "", width);
  for (const MetricResult& result : cell.metrics) {
    print(out, "{:>12}", result.metric.title);
  }
  out += '\n';
}

template <class Text>
void print_line(std::string_view label, std::size_t width, const CellResult& cell, Text text,
                std::string& out) {
  print(out, "  {:<{}.{}}", label, width, width);
  for (const MetricResult& result : cell.metrics) {
    print(out, "{:>12}", text(result));
  }
  out += '\n';
}

std::string repetitions(const CellResult& cell) {
  if (cell.repetitions_reference == 1 && cell.repetitions_other == 1) {
    return "";
  }
  return fmt::format("  (medians of {} and {})", cell.repetitions_reference,
                     cell.repetitions_other);
}

void print_cell(const Comparison& comparison, const CellResult& cell, std::string& out) {
  const std::size_t width = label_width(comparison);
  print(out, "{}{}\n", one_line(cell.name), repetitions(cell));
  print_line(
      one_line(comparison.sides[0]), width, cell,
      [](const MetricResult& r) { return humane(r.metric.unit, r.reference); }, out);
  print_line(
      one_line(comparison.sides[1]), width, cell,
      [](const MetricResult& r) { return humane(r.metric.unit, r.other); }, out);
  print_line(
      "ratio", width, cell, [](const MetricResult& r) { return humane_ratio(r.ratio); }, out);
}

// Deliveries and plain benchmarks have other columns, so each gets a table.
void print_table(const Comparison& comparison, bool of_deliveries, std::string& out) {
  bool has_titles = false;
  for (const CellResult& cell : comparison.cells) {
    if (cell.is_delivery != of_deliveries) {
      continue;
    }
    if (!has_titles) {
      print_titles(cell, label_width(comparison), out);
      has_titles = true;
    }
    print_cell(comparison, cell, out);
  }
}

// At most so much of a value. Of a longer one (a histogram) the part where the other differs.
constexpr std::size_t kMaxValue = 40;

std::string excerpt(const std::string& value, std::size_t differs_at) {
  if (value.size() <= kMaxValue) {
    return value;
  }
  constexpr std::size_t kBefore = 8;  // for its place to be found again
  const std::size_t begin =
      std::min(differs_at - std::min(differs_at, kBefore), value.size() - kMaxValue);
  const bool is_end = begin + kMaxValue == value.size();
  return fmt::format("{}{}{}", begin == 0 ? "" : "...", value.substr(begin, kMaxValue),
                     is_end ? "" : "...");
}

std::string in_ascii(const nlohmann::json& value) {
  return value.is_null() ? "-" : value.dump(-1, ' ', true);
}

void print_difference(const Difference& difference, std::string& out) {
  const std::string reference = in_ascii(difference.reference);
  const std::string other = in_ascii(difference.other);
  const auto [at, unused] =
      std::mismatch(reference.begin(), reference.end(), other.begin(), other.end());
  const auto differs_at = static_cast<std::size_t>(at - reference.begin());
  print(out, "    {}: {} {}, {} {}\n", one_line(difference.key), difference.reference_row,
        excerpt(reference, differs_at), difference.other_row, excerpt(other, differs_at));
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
      print_difference(difference, out);
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
    print(out, "  {}\n", one_line(cell.cell));
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

std::string text_report(const Comparison& comparison) {
  std::string out;
  print_inputs(comparison, out);
  if (comparison.form == Form::exact) {
    print_differences(comparison, out);
    print_undemanded(comparison, out);
  } else {
    print_table(comparison, true, out);
    print_table(comparison, false, out);
  }
  print_unmatched(comparison, comparison.sides[1], out);
  print_unmatched(comparison, comparison.sides[0], out);
  print_breaks(comparison, out);
  print(out, "\n{}\n", one_line(summary(comparison)));
  return out;
}

}  // namespace spate::compare
