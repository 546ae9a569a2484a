#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "spate/drivers/broker.h"
#include "spate/error.h"

namespace spate::drivers {
namespace {

std::string names_of(std::span<const ServerSetting> settings) {
  std::vector<std::string_view> names;
  for (const ServerSetting& setting : settings) {
    names.push_back(setting.name);
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

void check_setting(const Driver& driver, const std::string& name, const std::string& value) {
  const std::span<const ServerSetting> all = driver.server_settings;
  const auto setting = std::find_if(all.begin(), all.end(),
                                    [&](const ServerSetting& one) { return one.name == name; });
  if (setting == all.end()) {
    throw Error(all.empty()
                    ? fmt::format("{}: a server that is started has no settings, and '{}' is given",
                                  driver.name, name)
                    : fmt::format("{}: a server that is started has no setting '{}'; give {}",
                                  driver.name, name, names_of(all)));
  }
  const auto& values = setting->values;
  if (std::find(values.begin(), values.end(), value) == values.end()) {
    throw Error(fmt::format("{}: {}={}: give {}", driver.name, name, value,
                            fmt::join(values.begin(), values.end(), " or ")));
  }
}

}  // namespace

void check_settings(const Driver& driver, const ServerSettings& settings) {
  for (const auto& [name, value] : settings) {
    check_setting(driver, name, value);
  }
}

}  // namespace spate::drivers
