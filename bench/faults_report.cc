#include "faults_report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <string_view>
#include <vector>

#include "compare/terminal/columns.h"
#include "compare/terminal/table.h"
#include "faults_json.h"
#include "units.h"

namespace spate::bench {
namespace {

// More would scroll everything else away.
constexpr std::size_t kMostSlices = 60;

template <class... Args>
void print(std::string& out, fmt::format_string<Args...> format, Args&&... args) {
  fmt::format_to(std::back_inserter(out), format, std::forward<Args>(args)...);
}

std::string in_lines(std::string_view text, std::size_t hanging) {
  return compare::wrapped(text, compare::kUsualColumns, hanging);
}

// "-" where there is none.
std::string time_of(const Json& ns) {
  return !ns.is_number() ? "-" : ns == 0 ? "0 s" : show_ns(ns.get<double>());
}
std::string count_of(const Json& count) { return show_whole(count.get<std::uint64_t>()); }

bool is_bad(const Json& fault) { return fault.at("lost") != 0 || fault.contains("trouble"); }

void print_faults(const Json& executed, const Palette& palette, std::string& out) {
  compare::Table table({{"Real faults", true},
                        {"began"},
                        {"lasted"},
                        {"noticed"},
                        {"over"},
                        {"lost"},
                        {"recovered"},
                        {"unknown"},
                        {"duplicated"}});
  for (const Json& fault : executed) {
    table.add(
        {fmt::format("  {}", fault.at("fault").get<std::string>()), time_of(fault.at("begun_ns")),
         fault.at("ended_ns").is_number() && fault.at("begun_ns").is_number()
             ? show_ns(fault.at("ended_ns").get<double>() - fault.at("begun_ns").get<double>())
             : "-",
         time_of(fault.at("detected_after_ns")), time_of(fault.at("recovered_after_ns")),
         count_of(fault.at("lost")), count_of(fault.at("recovered")), count_of(fault.at("unknown")),
         count_of(fault.at("duplicated"))});
  }
  const std::vector<std::string> lines = table.lines();
  print(out, "\n{}\n", palette.heading(lines.front()));
  for (std::size_t at = 0; at < executed.size(); ++at) {
    const Json& fault = executed[at];
    print(out, "{}\n", is_bad(fault) ? palette.bad(lines[at + 1]) : lines[at + 1]);
    if (fault.contains("trouble")) {
      print(out, "{}\n",
            in_lines(fmt::format("    {}", fault.at("trouble").get<std::string>()), 4));
    }
  }
}

std::string liveness_text(const Json& liveness) {
  if (!liveness.at("flows_after_ns").is_null()) {
    return fmt::format(
        "it flowed again {} after the end of the last (wanted: within {}), and all that was sent "
        "from then on arrived",
        time_of(liveness.at("flows_after_ns")), time_of(liveness.at("wanted_within_ns")));
  }
  return liveness.contains("too_late")
             ? too_late_text(liveness.at("last_fault_end_ns").get<std::int64_t>())
             : "after the last it did not flow again, or not up to the end";
}

// Nothing of a run in which no fault has begun.
void print_liveness(const Json& liveness, const Palette& palette, std::string& out) {
  if (liveness.at("last_fault_end_ns").is_null()) {
    return;
  }
  if (liveness.contains("interrupted") && liveness.at("flows_after_ns").is_null()) {
    out += "  the run ended before it could show whether it flows again\n";
    return;
  }
  const std::string line = in_lines(fmt::format("  {}", liveness_text(liveness)), 2);
  print(out, "{}\n", liveness.at("holds").get<bool>() ? line : palette.bad(line));
}

// From half a second before the first fault on.
std::size_t first_slice(const Json& executed, double slice_ns) {
  double first_ns = 0.0;
  for (const Json& fault : executed) {
    if (fault.at("begun_ns").is_number()) {
      const auto begun_ns = fault.at("begun_ns").get<double>();
      first_ns = first_ns == 0.0 ? begun_ns : std::min(first_ns, begun_ns);
    }
  }
  return static_cast<std::size_t>(std::max(first_ns - 5e8, 0.0) / slice_ns);
}

void print_timeline(const Json& timeline, std::size_t first, const Palette& palette,
                    std::string& out) {
  const std::size_t slices = timeline.at("sent").size();
  const std::size_t end = std::min(slices, first + kMostSlices);
  const auto nothing = [&](const char* name) {
    const Json& column = timeline.at(name);
    return std::all_of(column.begin(), column.end(), [](const Json& one) { return one == 0; });
  };
  const bool no_broadcasts = timeline.at("sent") == timeline.at("expected");
  compare::Table table({{"Timeline"},
                        {"messages"},
                        {"expected", false, no_broadcasts},
                        {"acked"},
                        {"delivered"},
                        {"failed", false, nothing("failed")},
                        {"rejected", false, nothing("rejected")},
                        {"unknown", false, nothing("unknown")},
                        {"p50"},
                        {"p99"}});
  for (std::size_t slice = first; slice < end; ++slice) {
    const auto column = [&](const char* name) -> const Json& { return timeline.at(name)[slice]; };
    const double begin_ns = static_cast<double>(slice) * timeline.at("slice_ns").get<double>();
    table.add({fmt::format("{:>6.1f} s", begin_ns * 1e-9), count_of(column("sent")),
               count_of(column("expected")), count_of(column("acked")),
               count_of(column("delivered")), count_of(column("failed")),
               count_of(column("rejected")), count_of(column("unknown")),
               time_of(column("response_ns_p50")), time_of(column("response_ns_p99"))});
  }
  std::vector<std::string> lines = table.lines();
  lines.front() = fmt::format("\n{}", palette.heading(lines.front()));
  out += fmt::format("{}\n", fmt::join(lines, "\n"));
  if (first > 0 || end < slices) {
    print(out, "  … {} of {} slices; --output FILE keeps all\n", end - first, slices);
  }
}

}  // namespace

std::string faults_report(const Json& spate, const Palette& palette) {
  std::string out;
  if (!spate.contains("faults")) {
    return out;
  }
  const Json& faults = spate.at("faults");
  const Json& timeline = spate.at("timeline");
  print_timeline(timeline,
                 first_slice(faults.at("executed"), timeline.at("slice_ns").get<double>()), palette,
                 out);
  print_faults(faults.at("executed"), palette, out);
  print_liveness(faults.at("liveness"), palette, out);
  return out;
}

}  // namespace spate::bench
