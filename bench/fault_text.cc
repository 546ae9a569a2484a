#include "fault_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <iterator>
#include <span>

#include "spate/error.h"
#include "units.h"

namespace spate::bench {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kUnitRequired = 0;
constexpr std::string_view kSpread = "spread";

// A time that a fault takes by a name.
struct TimeKey {
  std::string_view name;
  std::int64_t Fault::*value;
};

// What a kind of fault takes, besides its spread.
struct KindForm {
  Fault::Kind kind;
  std::vector<TimeKey> times;
  std::int64_t usual_for_ns;  // where none is given
  bool takes_limit = false;
};

const std::vector<KindForm>& forms() {
  using Kind = Fault::Kind;
  static const TimeKey lasting{"for", &Fault::for_ns};
  static const std::vector<KindForm> all{
      {Kind::kill_broker, {{"restart", &Fault::for_ns}}, kSecond},
      {Kind::restart_broker, {}, 0},
      {Kind::pause_broker, {lasting}, kSecond},
      {Kind::reset_connections, {}, 0},
      {Kind::half_close, {}, 0},
      {Kind::latency, {{"add", &Fault::add_ns}, {"jitter", &Fault::jitter_ns}, lasting}, kSecond},
      {Kind::bandwidth, {lasting}, kSecond, true},
      {Kind::blackhole, {lasting}, kSecond},
      {Kind::slice, {lasting}, kSecond},
      {Kind::drop_acks, {lasting}, kSecond},
      {Kind::stall_receivers, {lasting}, kSecond},
  };
  return all;
}

const KindForm& form_of(Fault::Kind kind) { return forms()[static_cast<std::size_t>(kind)]; }

std::vector<std::string_view> names_of(const KindForm& form) {
  std::vector<std::string_view> names;
  for (const TimeKey& key : form.times) {
    names.push_back(key.name);
  }
  if (form.takes_limit) {
    names.emplace_back("limit");
  }
  names.push_back(kSpread);
  return names;
}

struct Scale {
  std::string_view unit;
  double bytes;
};
constexpr std::array<Scale, 6> kScales{{{"GB/s", 1e9},
                                        {"MB/s", 1e6},
                                        {"kB/s", 1e3},
                                        {"MiB/s", 0x1p20},
                                        {"KiB/s", 0x1p10},
                                        {"B/s", 1}}};

// One text, with what an error about it begins with.
class FaultText {
 public:
  FaultText(std::string_view flag, std::string_view text) : flag_(flag), text_(text) {}

  Fault parse() {
    const std::size_t colon = text_.find(':');
    if (colon == std::string_view::npos) {
      refuse("give TIME:KIND[,name=value…], such as 3s:reset-connections");
    }
    const std::size_t comma = std::min(text_.find(',', colon), text_.size());
    fault_.kind = kind_named(text_.substr(colon + 1, comma - colon - 1));
    fault_.at_ns = begin_of(text_.substr(0, colon));
    fault_.for_ns = form_of(fault_.kind).usual_for_ns;
    for (std::size_t begin = comma; begin < text_.size();) {
      const std::size_t end = std::min(text_.find(',', begin + 1), text_.size());
      take(text_.substr(begin + 1, end - begin - 1));
      begin = end;
    }
    check();
    return fault_;
  }

 private:
  [[noreturn]] void refuse(std::string_view why) const {
    throw Error(fmt::format("{} '{}': {}", flag_, text_, why));
  }

  Fault::Kind kind_named(std::string_view name) const {
    const auto* const found = std::find(kFaultNames.begin(), kFaultNames.end(), name);
    if (found == kFaultNames.end()) {
      refuse(fmt::format("there is no fault '{}'; use {}", name, fmt::join(kFaultNames, ", ")));
    }
    return static_cast<Fault::Kind>(found - kFaultNames.begin());
  }

  // As far into a run as one may be long.
  std::int64_t begin_of(std::string_view value) const {
    try {
      return parse_length_ns("", value, kUnitRequired);
    } catch (const Error&) {
      refuse(fmt::format("its time is '{}'; give 0 to 1000h with its unit, such as 3s", value));
    }
  }

  std::int64_t time_of(std::string_view name, std::string_view value) const {
    try {
      return parse_duration_ns("", value, kUnitRequired);
    } catch (const Error&) {
      refuse(fmt::format("{} is '{}'; give 0 to 1h with its unit, such as 500ms", name, value));
    }
  }

  void take(std::string_view part) {
    const std::size_t equals = part.find('=');
    const std::string_view name = part.substr(0, equals);
    if (equals == std::string_view::npos) {
      refuse(fmt::format("'{}' has no value; give name=value", part));
    }
    if (std::find(taken_.begin(), taken_.end(), name) != taken_.end()) {
      refuse(fmt::format("'{}' is there twice; give it once", name));
    }
    taken_.push_back(name);
    const std::string_view value = part.substr(equals + 1);
    const KindForm& form = form_of(fault_.kind);
    const auto known = std::find_if(form.times.begin(), form.times.end(),
                                    [&](const TimeKey& key) { return key.name == name; });
    if (name == kSpread) {
      fault_.spread_ns = time_of(name, value);
    } else if (known != form.times.end()) {
      fault_.*(known->value) = time_of(name, value);
    } else if (name == "limit" && form.takes_limit) {
      fault_.bytes_per_second = rate_of(value);
    } else {
      refuse(fmt::format("{} takes no '{}'; use {}", name_of(form.kind), name,
                         fmt::join(names_of(form), ", ")));
    }
  }

  std::uint64_t rate_of(std::string_view value) const {
    const std::size_t digits = std::min(value.find_first_not_of("0123456789."), value.size());
    const auto* const scale = std::find_if(kScales.begin(), kScales.end(), [&](const Scale& known) {
      return known.unit == value.substr(digits);
    });
    double number = 0.0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + digits, number);
    const double bytes = scale == kScales.end() ? 0.0 : number * scale->bytes;
    if (error != std::errc{} || end != value.data() + digits || !(bytes >= 1 && bytes <= 1e12)) {
      refuse(fmt::format("limit is '{}'; give 1B/s to 1000GB/s, such as 1MB/s or 64KiB/s", value));
    }
    return static_cast<std::uint64_t>(std::llround(bytes));
  }

  // What would do nothing is a mistake.
  void check() const {
    const KindForm& form = form_of(fault_.kind);
    if (fault_.kind == Fault::Kind::latency && fault_.add_ns + fault_.jitter_ns == 0) {
      refuse("it adds nothing; give add=TIME, jitter=TIME or both");
    }
    if (form.takes_limit && fault_.bytes_per_second == 0) {
      refuse("give limit=RATE, such as limit=1MB/s");
    }
    if (form.usual_for_ns > 0 && fault_.for_ns == 0 && fault_.kind != Fault::Kind::kill_broker) {
      refuse("it lasts no time; give for=TIME");
    }
  }

  std::string_view flag_;
  std::string_view text_;
  Fault fault_;
  std::vector<std::string_view> taken_;
};

std::string exact_rate(std::uint64_t bytes_per_second) {
  for (const auto& [unit, size] : {std::pair{"GB/s", std::uint64_t{1'000'000'000}},
                                   {"MB/s", std::uint64_t{1'000'000}},
                                   {"kB/s", std::uint64_t{1'000}}}) {
    if (bytes_per_second % size == 0) {
      return fmt::format("{}{}", bytes_per_second / size, unit);
    }
  }
  return fmt::format("{}B/s", bytes_per_second);
}

}  // namespace

Fault parse_fault(std::string_view flag, std::string_view text) {
  return FaultText(flag, text).parse();
}

std::string fault_text(const Fault& fault) {
  const KindForm& form = form_of(fault.kind);
  std::string text = fmt::format("{}:{}", exact_time(fault.at_ns), name_of(fault.kind));
  if (form.takes_limit) {
    text += fmt::format(",limit={}", exact_rate(fault.bytes_per_second));
  }
  for (const TimeKey& key : form.times) {
    const std::int64_t ns = fault.*(key.value);
    const std::int64_t usual = key.value == &Fault::for_ns ? form.usual_for_ns : 0;
    if (ns != usual) {
      text += fmt::format(",{}={}", key.name, exact_time(ns));
    }
  }
  if (fault.spread_ns > 0) {
    text += fmt::format(",{}={}", kSpread, exact_time(fault.spread_ns));
  }
  return text;
}

std::optional<FaultMoment> latest_moment(const ExecutedFault& executed) {
  const bool ended = executed.ended_ns >= 0;
  if (ended && executed.fault.for_ns == 0) {
    return std::nullopt;
  }
  return FaultMoment{ended ? executed.ended_ns : executed.begun_ns,
                     fmt::format("{} {}{}{}", ended ? "ends" : "begins", fault_text(executed.fault),
                                 executed.trouble.empty() ? "" : ": ", executed.trouble)};
}

std::string fault_usage(bool of_way_alone) {
  std::string text;
  for (const KindForm& form : forms()) {
    if (of_way_alone && !Fault{.kind = form.kind}.of_way()) {
      continue;
    }
    std::vector<std::string_view> names = names_of(form);
    names.pop_back();
    text += fmt::format("{}{}{}{}", text.empty() ? "" : "; ", name_of(form.kind),
                        names.empty() ? "" : " with ", fmt::join(names, ", "));
  }
  text += "; each with spread";
  return text;
}

void check_faults(std::string_view flag, const std::vector<Fault>& plan) {
  std::vector<Fault> of_process;
  std::copy_if(plan.begin(), plan.end(), std::back_inserter(of_process),
               [](const Fault& fault) { return fault.of_process(); });
  std::sort(of_process.begin(), of_process.end(),
            [](const Fault& a, const Fault& b) { return a.at_ns < b.at_ns; });
  for (std::size_t next = 1; next < of_process.size(); ++next) {
    const Fault& earlier = of_process[next - 1];
    const Fault& later = of_process[next];
    if (later.at_ns <= earlier.end_ns()) {
      throw Error(fmt::format(
          "{} '{}' and '{}': both want the broker's process at once; let the one begin when the "
          "other has ended",
          flag, fault_text(earlier), fault_text(later)));
    }
  }
}

}  // namespace spate::bench
