// Which member of a row is what. Rows of one file have the same members in the same order, so what
// the previous row had is the guess that nearly always holds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace spate::compare {

enum class MemberRole : std::uint8_t {
  name,
  run_name,
  run_type,
  aggregate_name,
  iterations,
  time_unit,
  error_occurred,
  error_message,
  skipped,
  spate,
  of_no_use,  // Google Benchmark's own, and neither identity nor measurement
  counter,    // everything else: times, rates, counters
};

class RowShape {
 public:
  struct Member {
    std::string_view name;
    MemberRole role = MemberRole::counter;
    bool is_repeated = false;  // the same row has had a member of that name
  };

  // Of member number `index` of the row at hand, counted from 0 and asked for in order. `name` has
  // to outlive this.
  const Member& at(std::size_t index, std::string_view name) {
    if (index < members_.size() && members_[index].name == name) [[likely]] {
      return members_[index];
    }
    return learn(index, name);
  }

 private:
  const Member& learn(std::size_t index, std::string_view name);

  std::vector<Member> members_;
};

}  // namespace spate::compare
