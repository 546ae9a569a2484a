#include "compare/real_faults.h"

#include <fmt/format.h>

#include <optional>

#include "compare/fields.h"

namespace spate::compare {
namespace {

// Of one fault that was to be executed.
std::string trouble_of(const Fields& fault) {
  const std::string name = fault.text("fault").value_or("?");
  if (const std::optional<std::string> trouble = fault.text("trouble")) {
    return fmt::format("the real fault {} was not executed as planned: {}", name, *trouble);
  }
  return fault.number("begun_ns")
             ? ""
             : fmt::format("the real fault {} was not executed: the run had ended before", name);
}

}  // namespace

std::string fault_plan(const nlohmann::json& cell) {
  const auto faults = cell.find("faults");
  if (faults == cell.end() || !faults->contains("plan")) {
    return "none";
  }
  std::string text;
  for (const nlohmann::json& fault : faults->at("plan")) {
    text += fmt::format("{}{}", text.empty() ? "" : ", ",
                        fault.is_string() ? fault.get<std::string>() : fault.dump());
  }
  return text;
}

std::string fault_trouble(const nlohmann::json& faults, const std::string& where) {
  const Fields fields(faults, where);
  if (const auto executed = faults.find("executed"); executed != faults.end()) {
    for (const nlohmann::json& fault : *executed) {
      if (std::string trouble = trouble_of(Fields(fault, where + ": 'executed'"));
          !trouble.empty()) {
        return trouble;
      }
    }
  }
  const std::optional<Fields> liveness = fields.object("liveness");
  const bool holds = !liveness || !liveness->json().contains("holds") || liveness->flag("holds");
  return holds ? "" : "after its last real fault it did not show in time that it flows again";
}

}  // namespace spate::compare
