#include "console.h"

#include <fmt/format.h>

#include "terminal.h"
#include "units.h"

namespace spate::bench {
namespace {

// 0 where there is none: what is not finite stands as null in the row.
double value(const Json& row, const char* key) {
  const auto found = row.find(key);
  return found != row.end() && found->is_number() ? found->get<double>() : 0.0;
}

// "-" where nothing was received.
std::string latency(const Json& row, const char* key) {
  const auto found = row.find(key);
  return found != row.end() && found->is_number() ? show_ns(found->get<double>()) : "-";
}

double time_ns(const Json& row, const char* key) {
  return value(row, key) * ns_per_unit(row.value("time_unit", "ns"));
}

// Shorter than the benchmark's name, with all that tells cells apart.
std::string cell_name(const Json& row) {
  const Json& cell = row["spate"]["cell"];
  if (cell.contains("claim")) {
    return cell["claim"].get<std::string>();
  }
  return fmt::format("{} chaos:{} rate:{} agents:{}", cell["mode"].get<std::string>(),
                     cell["chaos"]["profile"].get<std::string>(), cell["rate"].dump(),
                     cell["agents"].dump());
}

std::string delivery_line(const Json& row) {
  const double asked = value(row, "rate_asked");
  return fmt::format(
      "{:<40} {:>7} {:>8}{} {:>7.2f}% {:>8} {:>8} {:>8} {:>8} {:>4.0f} {:>3.0f} {:>7}",
      cell_name(row), asked > 0 ? show_count(asked) : "max",
      show_count(value(row, "rate_achieved")), value(row, "saturated") > 0 ? "!" : " ",
      100 * value(row, "success_rate"), latency(row, "response_ns_p50"),
      latency(row, "response_ns_p99"), latency(row, "response_ns_max"),
      show_ns(time_ns(row, "cpu_time")), value(row, "lost"), value(row, "duplicated"),
      show_count(value(row, "reordered")));
}

std::string plain_line(const Json& row) {
  if (row.value("aggregate_unit", "") == "percentage") {
    return fmt::format("{:<40} {:>9.2f}% of the mean", row.value("name", ""),
                       100 * value(row, "real_time"));
  }
  return fmt::format("{:<40} {:>10} per iteration, {:>10} of CPU", row.value("name", ""),
                     show_ns(time_ns(row, "real_time")), show_ns(time_ns(row, "cpu_time")));
}

}  // namespace

Console::Console(std::FILE* out, std::size_t benchmarks)
    : out_(out), terminal_(is_terminal(out)), benchmarks_(benchmarks) {}

void Console::begin(const Json& context) {
  begin_ = std::chrono::steady_clock::now();
  fmt::print(out_, "{}", delivery_lines(context));
  fmt::print(out_, "{:>9} {:<40} {:>7} {:>8}  {:>8} {:>8} {:>8} {:>8} {:>8} {:>4} {:>3} {:>7}\n",
             "", "cell", "asked/s", "achieved", "success", "p50", "p99", "max", "CPU/msg", "lost",
             "dup", "reorder");
  show_progress();
}

void Console::benchmark_begins() { ++done_; }

void Console::row(const Json& row) {
  clear_progress();
  const bool aggregate = row.value("run_type", "") == "aggregate";
  const std::string place = aggregate ? "" : fmt::format("{}/{}", done_, benchmarks_);
  if (row.value("error_occurred", false)) {
    fmt::print(out_, "{:>9} {:<40} ERROR: {}\n", place, row.value("name", ""),
               row.value("error_message", ""));
  } else if (row.contains("spate")) {
    fmt::print(out_, "{:>9} {}\n", place, delivery_line(row));
  } else {
    fmt::print(out_, "{:>9} {}\n", place, plain_line(row));
  }
  show_progress();
  std::fflush(out_);
}

// A line of half a cell would look like all the others.
void Console::cut_short(const Json& /*row*/) {}

void Console::end() { clear_progress(); }

void Console::show_progress() {
  if (!terminal_ || done_ == benchmarks_) {
    return;
  }
  fmt::print(out_, "\rcell {} of {} is running", done_ + 1, benchmarks_);
  if (done_ > 0) {
    const double elapsed =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
    const double left =
        elapsed / static_cast<double>(done_) * static_cast<double>(benchmarks_ - done_);
    fmt::print(out_, ", about {:.0f} s left", left);
  }
  fmt::print(out_, " \x1b[K");
  std::fflush(out_);
}

void Console::clear_progress() {
  if (terminal_) {
    fmt::print(out_, "\r\x1b[K");
  }
}

}  // namespace spate::bench
