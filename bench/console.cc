#include "console.h"

#include <fmt/format.h>

#include "compare/terminal/columns.h"
#include "program.h"
#include "terminal.h"
#include "units.h"

namespace spate::bench {
namespace {

// "-" where nothing was received.
std::string latency(const Json& row, const char* key) {
  const auto found = row.find(key);
  return found != row.end() && found->is_number() ? show_ns(found->get<double>()) : "-";
}

double time_ns(const Json& row, const char* key) {
  return value_of(row, key) * ns_per_unit(row.value("time_unit", "ns"));
}

// What a terminal must have for all the columns.
constexpr std::size_t kWideColumns = 133;
// Of the narrow table, behind a cell's name.
constexpr std::size_t kFiguresColumns = 48;
constexpr std::size_t kTimesColumns = 28;

bool is_claim(const Json& row) { return row["spate"]["cell"].contains("claim"); }

// Shorter than the benchmark's name, with all that tells cells apart.
std::string cell_name(const Json& row) {
  const Json& cell = row["spate"]["cell"];
  if (is_claim(row)) {
    return cell["claim"].get<std::string>();
  }
  return fmt::format("{} chaos:{} rate:{} agents:{}", cell["mode"].get<std::string>(),
                     cell["chaos"]["profile"].get<std::string>(), cell["rate"].dump(),
                     cell["agents"].dump());
}

// "100k", and "1234" where that would not be all of it.
std::string short_count(std::uint64_t count) {
  for (const auto& [size, suffix] : {std::pair<std::uint64_t, char>{1'000'000, 'M'}, {1000, 'k'}}) {
    if (count >= 10 * size && count % size == 0) {
      return fmt::format("{}{}", count / size, suffix);
    }
  }
  return std::to_string(count);
}

// In columns, where `room` is enough for them.
std::string short_cell_name(const Json& row, std::size_t room) {
  if (is_claim(row)) {
    return cell_name(row);
  }
  const Json& cell = row["spate"]["cell"];
  const auto mode = cell["mode"].get<std::string>();
  const auto chaos = cell["chaos"]["profile"].get<std::string>();
  const auto asked = cell["rate"].get<std::uint64_t>();
  const std::string rate = asked == 0 ? "max" : short_count(asked);
  const std::string agents = short_count(cell["agents"].get<std::uint64_t>());
  std::string name = fmt::format("{:<5} {:<5} {:>4} {:>6}", mode, chaos, rate, agents);
  return compare::columns_of(name) <= room ? name
                                           : fmt::format("{} {} {} {}", mode, chaos, rate, agents);
}

std::string delivery_line(const Json& row) {
  const double asked = value_of(row, "rate_asked");
  return fmt::format(
      "{:<40} {:>7} {:>8}{} {:>7.2f}% {:>8} {:>8} {:>8} {:>8} {:>4.0f} {:>3.0f} {:>7}",
      cell_name(row), asked > 0 ? show_count(asked) : "max",
      show_count(value_of(row, "rate_achieved")), value_of(row, "saturated") > 0 ? "!" : " ",
      100 * value_of(row, "success_rate"), latency(row, "response_ns_p50"),
      latency(row, "response_ns_p99"), latency(row, "response_ns_max"),
      show_ns(time_ns(row, "cpu_time")), value_of(row, "lost"), value_of(row, "duplicated"),
      show_count(value_of(row, "reordered")));
}

std::string short_figures(const Json& row) {
  return fmt::format(
      " {:>6}{} {:>6.2f}% {:>7} {:>7} {:>7} {:>7}", show_count(value_of(row, "rate_achieved")),
      value_of(row, "saturated") > 0 ? "!" : " ", 100 * value_of(row, "success_rate"),
      latency(row, "response_ns_p50"), latency(row, "response_ns_p99"),
      latency(row, "response_ns_max"), show_ns(time_ns(row, "cpu_time")));
}

// What the ledger found; empty: nothing to speak of.
std::string findings(const Json& row) {
  std::string text;
  for (const char* const counter : {"lost", "duplicated"}) {
    if (value_of(row, counter) > 0) {
      text += fmt::format("{}{} {:.0f}", text.empty() ? "" : ", ", counter, value_of(row, counter));
    }
  }
  return text;
}

void print_below(std::FILE* out, std::size_t indent, const std::string& text) {
  if (!text.empty()) {
    say(out, fmt::format("{:{}}{}\n", "", indent, text));
  }
}

std::string plain_line(const Json& row) {
  if (row.value("aggregate_unit", "") == "percentage") {
    return fmt::format("{:<40} {:>9.2f}% of the mean", row.value("name", ""),
                       100 * value_of(row, "real_time"));
  }
  return fmt::format("{:<40} {:>10} per iteration, {:>10} of CPU", row.value("name", ""),
                     show_ns(time_ns(row, "real_time")), show_ns(time_ns(row, "cpu_time")));
}

std::string short_times(const Json& row) {
  if (row.value("aggregate_unit", "") == "percentage") {
    return fmt::format(" {:>7.2f}% of the mean", 100 * value_of(row, "real_time"));
  }
  return fmt::format(" {:>8} each, {:>8} CPU", show_ns(time_ns(row, "real_time")),
                     show_ns(time_ns(row, "cpu_time")));
}

// A name that leaves no room for the figures stands above them.
std::string in_columns(const std::string& place, const std::string& name,
                       const std::string& figures, std::size_t figures_columns) {
  const std::size_t room = compare::kUsualColumns - figures_columns - place.size() - 1;
  return compare::columns_of(name) <= room
             ? fmt::format("{} {:<{}}{}", place, name, room, figures)
             : fmt::format("{} {}\n{:{}}{}", place, name, "", place.size() + 1 + room, figures);
}

}  // namespace

Console::Console(std::FILE* out, std::size_t benchmarks)
    : out_(out),
      terminal_(is_terminal(out)),
      wide_(terminal_ && terminal_columns(out) >= kWideColumns),
      benchmarks_(benchmarks) {}

void Console::begin(const Json& context) {
  begin_ = std::chrono::steady_clock::now();
  say(out_, delivery_lines(context));
  if (wide_) {
    say(out_,
        fmt::format("{:>9} {:<40} {:>7} {:>8}  {:>8} {:>8} {:>8} {:>8} {:>8} {:>4} {:>3} {:>7}\n",
                    "", "cell", "asked/s", "achieved", "success", "p50", "p99", "max", "CPU/msg",
                    "lost", "dup", "reorder"));
  } else {
    const std::string figures = fmt::format("{:>8}{:>8}{:>8}{:>8}{:>8}{:>8}", "achieved", "success",
                                            "p50", "p99", "max", "CPU/msg");
    say(out_, fmt::format("{}\n", in_columns(place_of(0), "mode  chaos rate agents", figures,
                                             figures.size())));
  }
  show_progress();
}

void Console::benchmark_begins() { ++done_; }

// As wide for every benchmark; blank for none.
std::string Console::place_of(std::size_t benchmark) const {
  const std::string all = std::to_string(benchmarks_);
  return benchmark == 0 ? std::string(2 * all.size() + 1, ' ')
                        : fmt::format("{:>{}}/{}", benchmark, all.size(), all);
}

void Console::row(const Json& row) {
  clear_progress();
  // A benchmark is counted once, in its first row: what follows are its repetitions.
  const bool first =
      row.value("run_type", "") != "aggregate" && row.value("repetition_index", 0) == 0;
  if (wide_) {
    print_wide(row, first ? fmt::format("{}/{}", done_, benchmarks_) : "");
  } else {
    print_narrow(row, place_of(first ? done_ : 0));
  }
  show_progress();
  std::fflush(out_);
}

void Console::print_wide(const Json& row, const std::string& place) {
  if (row.value("error_occurred", false)) {
    say(out_, fmt::format("{:>9} {:<40} ERROR: {}\n", place, row.value("name", ""),
                          row.value("error_message", "")));
  } else if (row.contains("spate")) {
    say(out_, fmt::format("{:>9} {}\n", place, delivery_line(row)));
    print_below(out_, 10, too_short_text(row));
  } else {
    say(out_, fmt::format("{:>9} {}\n", place, plain_line(row)));
  }
}

void Console::print_narrow(const Json& row, const std::string& place) {
  const std::string indent(place.size() + 1, ' ');
  if (row.value("error_occurred", false)) {
    say(out_, fmt::format("{} {} ERROR: {}\n", place, row.value("name", ""),
                          row.value("error_message", "")));
    return;
  }
  if (!row.contains("spate")) {
    say(out_, fmt::format("{}\n", in_columns(place, row.value("name", ""), short_times(row),
                                             kTimesColumns)));
    return;
  }
  const std::size_t room = compare::kUsualColumns - kFiguresColumns - indent.size();
  say(out_, fmt::format("{}\n", in_columns(place, short_cell_name(row, room), short_figures(row),
                                           kFiguresColumns)));
  print_below(out_, indent.size(), findings(row));
  print_below(out_, indent.size(), too_short_text(row));
}

// A line of half a cell would look like all the others.
void Console::cut_short(const Json& /*row*/) {}

void Console::end() { clear_progress(); }

void Console::show_progress() {
  if (!terminal_ || done_ == benchmarks_) {
    return;
  }
  std::string line = fmt::format("cell {} of {} is running", done_ + 1, benchmarks_);
  if (done_ > 0) {
    const double elapsed =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
    const double left =
        elapsed / static_cast<double>(done_) * static_cast<double>(benchmarks_ - done_);
    line += fmt::format(", about {:.0f} s left", left);
  }
  // A line that is longer than the terminal could not be written over.
  say(out_, fmt::format("\r{} \x1b[K", line.substr(0, terminal_columns(out_) - 1)));
  std::fflush(out_);
}

void Console::clear_progress() {
  if (terminal_) {
    say(out_, "\r\x1b[K");
  }
}

}  // namespace spate::bench
