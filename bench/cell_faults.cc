#include "cell_faults.h"

#include <fmt/format.h>

#include <algorithm>

#include "brokers.h"
#include "fault_text.h"
#include "spate/drivers/broker.h"
#include "spate/error.h"
#include "units.h"

namespace spate::bench {
namespace {

constexpr const char* kWhat = "fault";  // of the flag, or of a chaos file
constexpr std::int64_t kMillisecond = 1'000'000;
constexpr std::int64_t kSecond = 1'000 * kMillisecond;
constexpr std::string_view kStorm = "storm";

// Two that any broker survives, with a calm before the first, to compare with.
const std::vector<Fault>& storm_faults() {
  static const std::vector<Fault> both{
      {.kind = Fault::Kind::pause_broker, .at_ns = 1 * kSecond, .for_ns = 500 * kMillisecond},
      {.kind = Fault::Kind::reset_connections, .at_ns = 3 * kSecond}};
  return both;
}

std::int64_t end_of(const std::vector<Fault>& faults) {
  std::int64_t end_ns = 0;
  for (const Fault& fault : faults) {
    end_ns = std::max(end_ns, fault.end_ns());
  }
  return end_ns;
}

// The time that it may take to flow again, and the second in which it shows.
std::int64_t needed_ns(const std::vector<Fault>& faults, const Options& options) {
  return end_of(faults) + options.plan.recover_within_ns + kSecond;
}

// The shorter text for people, and not less than what is asked.
std::int64_t in_whole_ms(std::int64_t ns) {
  return (ns + kMillisecond - 1) / kMillisecond * kMillisecond;
}

// Whether a proxy on the way has a name that the server's certificate does not. (Kafka's library
// asks for the server's name all the same.)
bool knows_names(std::string_view mode, const Options& options) {
  const auto address = options.brokers.addresses.find(mode);
  return address != options.brokers.addresses.end() &&
         (address->second.scheme == "tls" || address->second.scheme == "amqps");
}

// Whether its process is ours to strike.
bool is_ours(std::string_view mode, const Options& options) {
  return options.brokers.addresses.count(mode) == 0 && !drivers::driver_named(mode).server.empty();
}

bool can_have(const FaultedCell& cell) { return is_broker(cell.mode) && cell.rate > 0; }

void check_cell(const std::vector<Fault>& faults, const FaultedCell& cell, const Options& options) {
  for (const Fault& fault : faults) {
    if (fault.of_process() && !is_ours(cell.mode, options)) {
      throw Error(fmt::format(
          "{} '{}': mode '{}' has no server that was started here, and others are not touched; "
          "give {}",
          kWhat, fault_text(fault), cell.mode,
          drivers::driver_named(cell.mode).server.empty()
              ? "a fault of the way, such as reset-connections"
              : "--start-brokers and no address"));
    }
  }
  const auto too_long = std::find_if(faults.begin(), faults.end(), [&](const Fault& fault) {
    return fault.kind == Fault::Kind::kill_broker && fault.for_ns >= options.brokers.timeout_ns;
  });
  if (too_long != faults.end()) {
    throw Error(
        fmt::format("{} '{}': until then every handle has given up; give a --broker-timeout "
                    "of more than that, and what the server takes to start",
                    kWhat, fault_text(*too_long)));
  }
  if (needed_ns(faults, options) > kMaxFaultedNs) {
    throw Error(
        fmt::format("{}s: the last one may end after {}, and a run that has some may last 29h at "
                    "the most, with its time to flow again; let it begin earlier",
                    kWhat, exact_time(end_of(faults))));
  }
  if (cell.duration_ns > kMaxFaultedNs) {
    throw Error(
        fmt::format("{}s: a run that has some may last 29 h at the most; give a --duration "
                    "of 29h or less",
                    kWhat));
  }
  if (needed_ns(faults, options) > cell.duration_ns) {
    throw Error(fmt::format(
        "{}s: the last one may end after {}, and then the run needs {} to flow again and a second "
        "to show it; give {} {} or more, or a shorter --recover-within",
        kWhat, show_ns(static_cast<double>(end_of(faults))),
        show_ns(static_cast<double>(options.plan.recover_within_ns)),
        options.messages ? "as many --messages as take" : "--duration",
        exact_time(in_whole_ms(needed_ns(faults, options)))));
  }
}

}  // namespace

FaultedCell faulted_cell(std::string_view mode, std::uint64_t rate, const Options& options) {
  if (rate == 0) {
    return {mode, 0, 0};
  }
  return {mode, rate,
          options.messages ? due_offset_ns(*options.messages, rate) : options.duration_ns};
}

bool may_have_faults(const ChaosProfile& profile) {
  return profile.name == kStorm || !profile.faults.empty();
}

std::vector<Fault> faults_of(const ChaosProfile& profile, const FaultedCell& cell,
                             const Options& options) {
  if (!can_have(cell)) {
    return {};
  }
  std::vector<Fault> faults = profile.faults;
  if (profile.name == kStorm && faults.empty() &&
      needed_ns(storm_faults(), options) <= cell.duration_ns && cell.duration_ns <= kMaxFaultedNs) {
    faults = storm_faults();
    std::erase_if(faults, [&](const Fault& fault) {
      return fault.of_process() ? !is_ours(cell.mode, options) : knows_names(cell.mode, options);
    });
  }
  return faults;
}

void check_faults(const Options& options) {
  for (const ChaosProfile& profile : options.chaos) {
    if (profile.faults.empty()) {
      continue;
    }
    check_faults(kWhat, profile.faults);
    for (const std::string& mode : options.modes) {
      for (const std::uint64_t rate : options.rates) {
        const FaultedCell cell = faulted_cell(mode, rate, options);
        if (can_have(cell)) {
          check_cell(profile.faults, cell, options);
        }
      }
    }
  }
}

}  // namespace spate::bench
