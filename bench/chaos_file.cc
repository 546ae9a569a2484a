#include "chaos_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "compare/json_text.h"
#include "fault_text.h"
#include "spate/error.h"
#include "units.h"

namespace spate::bench {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxFileBytes = std::size_t{64} * 1024;
constexpr std::size_t kMaxNameBytes = 64;

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kMaxFileBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.is_open() || file.bad()) {
    throw Error(fmt::format("chaos file '{}' cannot be read; give a readable JSON file", path));
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kMaxFileBytes) {
    throw Error(fmt::format("chaos file '{}' is larger than {} KiB; no profile is", path,
                            kMaxFileBytes / 1024));
  }
  return text;
}

// Errors are one line, so a key that is no plain word is told as JSON writes it.
std::string join_path(std::string_view path, std::string_view key) {
  const std::string written = json(key).dump();
  const bool plain = !key.empty() && written.size() == key.size() + 2;
  return fmt::format("{}{}{}", path, path.empty() ? "" : ".", plain ? key : written);
}
std::string place_in(const std::string& file, const std::string& path) {
  return path.empty() ? file : fmt::format("{}: {}", file, path);
}

// Knows at which key the parser is; and refuses the second of two of one name, of which the parser
// would keep the last and say nothing.
class KeyWatch {
 public:
  explicit KeyWatch(const std::string& file) : file_(file) {}

  void see(json::parse_event_t event, const json& parsed) {
    if (event == json::parse_event_t::object_start) {
      open_.emplace_back();
    } else if (event == json::parse_event_t::object_end) {
      open_.pop_back();
    } else if (event == json::parse_event_t::key) {
      open_.back().latest = parsed.get<std::string>();
      if (!open_.back().keys.insert(open_.back().latest).second) {
        throw Error(
            fmt::format("{}: {}: the key is there twice; leave one of them", file_, path()));
      }
    }
  }

  std::string path() const {
    std::string path;
    for (const Object& object : open_) {
      path = join_path(path, object.latest);
    }
    return path;
  }

 private:
  struct Object {
    std::set<std::string> keys;
    std::string latest;
  };

  const std::string& file_;
  std::vector<Object> open_;
};

[[noreturn]] void refuse_text(const std::string& file, std::string_view text, std::size_t offset) {
  throw Error(fmt::format("{} is not JSON at {}; give an object of chaos faults, {{}} for none",
                          file, compare::place_of(text, offset)));
}

json parse_file(const std::string& file) {
  const std::string text = read_file(file);
  // The parser takes a zero byte for the end of the text.
  if (const std::size_t zero = text.find('\0'); zero != std::string::npos) {
    refuse_text(file, text, zero);
  }
  KeyWatch keys(file);
  try {
    return json::parse(text, [&](int /*depth*/, json::parse_event_t event, const json& parsed) {
      keys.see(event, parsed);
      return true;
    });
  } catch (const json::parse_error& fault) {
    refuse_text(file, text, fault.byte == 0 ? 0 : fault.byte - 1);
  } catch (const json::out_of_range&) {
    throw Error(fmt::format("{}: beyond the range of a double; give a probability from 0 to 1",
                            place_in(file, keys.path())));
  }
}

// As people may read it in an error: a value, or what kind of thing it is.
std::string shown(const json& value) {
  return value.is_structured() ? fmt::format("an {}", value.type_name()) : value.dump();
}

// Errors are one line, and repeat what a text is.
bool has_control_character(const std::string& text) {
  return std::any_of(text.begin(), text.end(),
                     [](unsigned char byte) { return byte < ' ' || byte == 0x7f; });
}

// One object of the file, at `path` in it.
class Section {
 public:
  // Throws Error on what is no object, and on keys that are not among `allowed`.
  Section(const json& object, std::string file, std::string path,
          const std::vector<std::string_view>& allowed)
      : object_(object), file_(std::move(file)), path_(std::move(path)) {
    if (!object.is_object()) {
      throw Error(fmt::format("{}: {}; give an object with keys of {}", place_in(file_, path_),
                              shown(object), fmt::join(allowed, ", ")));
    }
    for (const auto& [key, value] : object.items()) {
      if (std::find(allowed.begin(), allowed.end(), key) == allowed.end()) {
        refuse(key, "unknown key", fmt::format("use {}", fmt::join(allowed, ", ")));
      }
    }
  }

  // Each of these leaves `target` as it is where there is no such key.
  void read(std::string_view key, Probability& target) const {
    if (const json* const value = find(key)) {
      // Written so that nothing but a number in the range passes.
      if (!value->is_number() || !(value->get<double>() >= 0.0 && value->get<double>() <= 1.0)) {
        refuse(key, shown(*value), "give a probability from 0 to 1, such as 0.05");
      }
      target = Probability(value->get<double>());
    }
  }
  void read_duration(std::string_view key, std::int64_t& target_ns) const {
    if (const json* const value = find(key)) {
      constexpr std::int64_t kUnitRequired = 0;
      try {
        target_ns = parse_duration_ns(key, value->is_string() ? value->get<std::string>() : "",
                                      kUnitRequired);
      } catch (const Error&) {
        refuse(key, shown(*value),
               "give a duration from 0 to 1h as text with its unit, such as \"10ms\"");
      }
    }
  }
  void read(std::string_view key, std::string& target) const {
    if (const json* const value = find(key)) {
      if (!value->is_string()) {
        refuse(key, shown(*value), "give a text");
      }
      target = value->get<std::string>();
    }
  }
  void read(std::string_view key, std::vector<Fault>& target) const {
    const json* const value = find(key);
    if (value == nullptr) {
      return;
    }
    const auto is_text = [](const json& item) { return item.is_string(); };
    if (!value->is_array() || !std::all_of(value->begin(), value->end(), is_text)) {
      refuse(key, shown(*value), "give a list of texts, such as [\"3s:reset-connections\"]");
    }
    for (const json& item : *value) {
      if (has_control_character(item.get_ref<const std::string&>())) {
        refuse(key, shown(item), "give a fault in one line, such as \"3s:reset-connections\"");
      }
      target.push_back(parse_fault(place(key), item.get<std::string>()));
    }
    check_faults(place(key), target);
  }
  // Calls `read` with the section at `key`, where there is one.
  template <class Read>
  void within(std::string_view key, const std::vector<std::string_view>& allowed,
              Read&& read) const {
    if (const json* const value = find(key)) {
      read(Section(*value, file_, join_path(path_, key), allowed));
    }
  }

  [[noreturn]] void refuse(std::string_view key, std::string_view given,
                           std::string_view allowed) const {
    throw Error(fmt::format("{}: {}; {}", place(key), given, allowed));
  }

 private:
  const json* find(std::string_view key) const {
    const auto found = object_.find(key);
    return found == object_.end() ? nullptr : &*found;
  }
  std::string place(std::string_view key) const { return place_in(file_, join_path(path_, key)); }

  const json& object_;
  std::string file_;
  std::string path_;
};

void read_faults(const Section& file, ChaosProfile& profile) {
  file.within("crash", {"rate", "downtime"}, [&](const Section& crash) {
    crash.read("rate", profile.crash);
    crash.read_duration("downtime", profile.downtime_ns);
  });
  file.within("burst", {"enter", "leave", "fail"}, [&](const Section& burst) {
    profile.bursts.fail = Probability(1.0);
    burst.read("enter", profile.bursts.enter);
    burst.read("leave", profile.bursts.leave);
    burst.read("fail", profile.bursts.fail);
    if (!profile.bursts.enter.never() && profile.bursts.leave.never()) {
      burst.refuse("leave", "0", "a burst would never end; give more than 0, or an enter of 0");
    }
  });
  const auto read_delay = [](const Section& fault, Probability& rate, std::int64_t& max_ns) {
    fault.read("rate", rate);
    fault.read_duration("max", max_ns);
    if (!rate.never() && max_ns == 0) {
      fault.refuse("max", "0", "it delays by at least 1 ns; give more, or a rate of 0");
    }
  };
  file.within("spike", {"rate", "max"}, [&](const Section& spike) {
    read_delay(spike, profile.spike, profile.spike_max_ns);
  });
  file.within("reorder", {"rate", "max"}, [&](const Section& reorder) {
    read_delay(reorder, profile.reorder, profile.reorder_max_ns);
  });
  file.within("duplicate", {"rate"},
              [&](const Section& duplicate) { duplicate.read("rate", profile.duplicate); });
  file.within("drop_ack", {"rate"},
              [&](const Section& drop_ack) { drop_ack.read("rate", profile.drop_ack); });
}

// It becomes a part of benchmarks' names.
void check_name(const Section& file, const std::string& name) {
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
  if (name.empty() || name.size() > kMaxNameBytes ||
      name.find_first_not_of(kAllowed) != std::string::npos) {
    file.refuse("name", json(name).dump(-1, ' ', false, json::error_handler_t::replace),
                fmt::format("give 1 to {} letters, digits, '_', '-' and '.'", kMaxNameBytes));
  }
  if (std::find(kChaosProfileNames.begin(), kChaosProfileNames.end(), name) !=
      kChaosProfileNames.end()) {
    file.refuse("name", fmt::format("'{}' is there already", name), "give another name");
  }
}

}  // namespace

ChaosProfile load_chaos_profile(const std::string& path) {
  const json object = parse_file(path);
  const Section file(
      object, path, "",
      {"name", "crash", "burst", "spike", "reorder", "duplicate", "drop_ack", "faults"});
  ChaosProfile profile;
  profile.name = std::filesystem::path(path).stem().string();
  file.read("name", profile.name);
  check_name(file, profile.name);
  read_faults(file, profile);
  file.read("faults", profile.faults);
  return profile;
}

}  // namespace spate::bench
