#include "compare/fields.h"

#include <fmt/format.h>

#include <utility>

#include "compare/error.h"

namespace spate::compare {
namespace {

std::string with_article(std::string_view kind) {
  return fmt::format("{} {}", kind == "object" || kind == "array" ? "an" : "a", kind);
}

std::string kind_of(const nlohmann::json& value) { return with_article(value.type_name()); }

std::string_view kind_name(JsonKind kind) {
  switch (kind) {
    case JsonKind::object:
      return "object";
    case JsonKind::array:
      return "array";
    case JsonKind::string:
      return "string";
    case JsonKind::number:
      return "number";
    case JsonKind::boolean:
      return "boolean";
    case JsonKind::null:
      return "null";
  }
  return "value";
}

}  // namespace

std::string with_article(JsonKind kind) { return with_article(kind_name(kind)); }

Fields::Fields(const nlohmann::json& object, std::string where)
    : object_(&object), where_(std::move(where)) {
  if (!object.is_object()) {
    throw Error(fmt::format("{} is {}; expected an object", where_, kind_of(object)));
  }
}

std::optional<std::string> Fields::text(std::string_view name) const {
  const nlohmann::json* value = find(name);
  if (value == nullptr) {
    return std::nullopt;
  }
  if (!value->is_string()) {
    reject(name, kind_of(*value), "a string");
  }
  return value->get<std::string>();
}

std::optional<double> Fields::number(std::string_view name) const {
  const nlohmann::json* value = find(name);
  if (value == nullptr) {
    return std::nullopt;
  }
  if (!value->is_number()) {
    reject(name, kind_of(*value), "a number");
  }
  return value->get<double>();
}

std::optional<double> Fields::count(std::string_view name) const {
  constexpr double kExact = 9007199254740992.0;  // 2^53: beyond it counts in doubles are not exact
  const std::optional<double> value = number(name);
  if (value && !(*value >= 0 && *value <= kExact)) {
    reject(name, fmt::format("{}", *value), "a count from 0 to 2^53");
  }
  return value;
}

std::optional<Fields> Fields::object(std::string_view name) const {
  const nlohmann::json* value = find(name);
  if (value == nullptr) {
    return std::nullopt;
  }
  return Fields(*value, fmt::format("{}: '{}'", where_, name));
}

bool Fields::flag(std::string_view name) const {
  const nlohmann::json* value = find(name);
  if (value == nullptr) {
    return false;
  }
  if (!value->is_boolean()) {
    reject(name, kind_of(*value), "true or false");
  }
  return value->get<bool>();
}

const nlohmann::json& Fields::array(std::string_view name) const {
  static const nlohmann::json none = nlohmann::json::array();
  const nlohmann::json* value = find(name);
  if (value == nullptr) {
    return none;
  }
  if (!value->is_array()) {
    reject(name, kind_of(*value), "an array");
  }
  return *value;
}

std::string Fields::required_text(std::string_view name) const {
  std::optional<std::string> value = text(name);
  if (!value) {
    reject(name, "missing", "a string");
  }
  return *std::move(value);
}

double Fields::required_number(std::string_view name) const {
  const std::optional<double> value = number(name);
  if (!value) {
    reject(name, "missing", "a number");
  }
  return *value;
}

Fields Fields::required_object(std::string_view name) const {
  std::optional<Fields> value = object(name);
  if (!value) {
    reject(name, "missing", "an object");
  }
  return *std::move(value);
}

const nlohmann::json* Fields::find(std::string_view name) const {
  const auto found = object_->find(name);
  return found == object_->end() || found->is_null() ? nullptr : &*found;
}

void Fields::reject(std::string_view name, std::string_view given,
                    std::string_view expected) const {
  throw Error(fmt::format("{}: '{}' is {}; expected {}", where_, name, given, expected));
}

}  // namespace spate::compare
