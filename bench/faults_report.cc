#include "faults_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

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

// "-" where there is none.
std::string time_of(const Json& ns) {
  return !ns.is_number() ? "-" : ns == 0 ? "0 s" : show_ns(ns.get<double>());
}
std::string count_of(const Json& count) { return show_whole(count.get<std::uint64_t>()); }

void print_faults(const Json& executed, const Palette& palette, std::string& out) {
  print(out, "\n{}\n",
        palette.heading(fmt::format("{:<42}{:>10}{:>10}{:>10}{:>10}{:>9}{:>11}{:>9}{:>12}",
                                    "Real faults", "began", "lasted", "noticed", "over", "lost",
                                    "recovered", "unknown", "duplicated")));
  for (const Json& fault : executed) {
    const std::string line = fmt::format(
        "  {:<40}{:>10}{:>10}{:>10}{:>10}{:>9}{:>11}{:>9}{:>12}",
        fault.at("fault").get<std::string>(), time_of(fault.at("begun_ns")),
        fault.at("ended_ns").is_number() && fault.at("begun_ns").is_number()
            ? show_ns(fault.at("ended_ns").get<double>() - fault.at("begun_ns").get<double>())
            : "-",
        time_of(fault.at("detected_after_ns")), time_of(fault.at("recovered_after_ns")),
        count_of(fault.at("lost")), count_of(fault.at("recovered")), count_of(fault.at("unknown")),
        count_of(fault.at("duplicated")));
    const bool bad = fault.at("lost") != 0 || fault.contains("trouble");
    print(out, "{}\n", bad ? palette.bad(line) : line);
    if (fault.contains("trouble")) {
      print(out, "    {}\n", fault.at("trouble").get<std::string>());
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
  const std::string line = liveness_text(liveness);
  print(out, "  {}\n", liveness.at("holds").get<bool>() ? line : palette.bad(line));
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
  print(out, "\n{}\n",
        palette.heading(fmt::format("{:<10}{:>11}{:>11}{:>11}{:>11}{:>9}{:>10}{:>9}{:>10}{:>10}",
                                    "Timeline", "messages", "expected", "acked", "delivered",
                                    "failed", "rejected", "unknown", "p50", "p99")));
  const std::size_t slices = timeline.at("sent").size();
  const std::size_t end = std::min(slices, first + kMostSlices);
  for (std::size_t slice = first; slice < end; ++slice) {
    const auto column = [&](const char* name) -> const Json& { return timeline.at(name)[slice]; };
    print(out, "  {:>5.1f} s {:>11}{:>11}{:>11}{:>11}{:>9}{:>10}{:>9}{:>10}{:>10}\n",
          static_cast<double>(slice) * timeline.at("slice_ns").get<double>() * 1e-9,
          count_of(column("sent")), count_of(column("expected")), count_of(column("acked")),
          count_of(column("delivered")), count_of(column("failed")), count_of(column("rejected")),
          count_of(column("unknown")), time_of(column("response_ns_p50")),
          time_of(column("response_ns_p99")));
  }
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
