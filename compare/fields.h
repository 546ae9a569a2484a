// Typed access to the members of a JSON object; a member of another type is an Error that names it.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "compare/json_reader.h"

namespace spate::compare {

// "an object", "a number".
std::string with_article(JsonKind kind);

// Refers to `object`, which must outlive it. A member that is null counts as absent: that is how a
// value that does not exist (the median of nothing) is written.
class Fields {
 public:
  // Throws Error unless `object` is a JSON object. `where` starts every message.
  Fields(const nlohmann::json& object, std::string where);

  std::optional<std::string> text(std::string_view name) const;
  std::optional<double> number(std::string_view name) const;
  std::optional<double> count(std::string_view name) const;  // 0 to 2^53
  std::optional<Fields> object(std::string_view name) const;
  bool flag(std::string_view name) const;                    // absent: false
  const nlohmann::json& array(std::string_view name) const;  // absent: empty

  // As above, but absence is an Error too.
  std::string required_text(std::string_view name) const;
  double required_number(std::string_view name) const;
  Fields required_object(std::string_view name) const;

  const nlohmann::json& json() const { return *object_; }
  const std::string& where() const { return where_; }

 private:
  const nlohmann::json* find(std::string_view name) const;
  [[noreturn]] void reject(std::string_view name, std::string_view given,
                           std::string_view expected) const;

  const nlohmann::json* object_;
  std::string where_;
};

}  // namespace spate::compare
