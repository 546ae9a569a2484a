#include "compare/row_shape.h"

#include <algorithm>
#include <array>
#include <utility>

namespace spate::compare {
namespace {

using Role = MemberRole;

constexpr std::array<std::pair<std::string_view, Role>, 20> kRoles{{
    {"name", Role::name},
    {"run_name", Role::run_name},
    {"run_type", Role::run_type},
    {"aggregate_name", Role::aggregate_name},
    {"iterations", Role::iterations},
    {"time_unit", Role::time_unit},
    {"error_occurred", Role::error_occurred},
    {"error_message", Role::error_message},
    {"skipped", Role::skipped},
    {"spate", Role::spate},
    {"skip_message", Role::of_no_use},
    {"family_index", Role::of_no_use},
    {"per_family_instance_index", Role::of_no_use},
    {"repetitions", Role::of_no_use},
    {"repetition_index", Role::of_no_use},
    {"threads", Role::of_no_use},
    {"aggregate_unit", Role::of_no_use},
    {"label", Role::of_no_use},
    {"big_o", Role::of_no_use},
    {"rms", Role::of_no_use},
}};

Role role_of(std::string_view name) {
  const auto* const found =
      std::find_if(kRoles.begin(), kRoles.end(), [&](const auto& e) { return e.first == name; });
  return found == kRoles.end() ? Role::counter : found->second;
}

}  // namespace

const RowShape::Member& RowShape::learn(std::size_t index, std::string_view name) {
  members_.resize(std::min(index, members_.size()));
  const bool is_repeated = std::any_of(members_.begin(), members_.end(),
                                       [&](const Member& m) { return m.name == name; });
  members_.push_back({name, role_of(name), is_repeated});
  return members_.back();
}

}  // namespace spate::compare
