// Numbers as people write and read them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace spate::bench {

// Each throws spate::Error with one line that names the flag, what was given and what is allowed.
std::uint64_t parse_count(std::string_view flag, std::string_view text, std::uint64_t least,
                          std::uint64_t most);
double parse_probability(std::string_view flag, std::string_view text);
// "2.5" and the like, 1 to 1000, in thousandths: 2500.
std::uint32_t parse_factor_thousandths(std::string_view flag, std::string_view text);
// "500us", "10ms", "2s"; a bare number counts in `bare_unit_ns`. `least_ns` to 1 h, as for any
// delay.
std::int64_t parse_duration_ns(std::string_view flag, std::string_view text,
                               std::int64_t bare_unit_ns, std::int64_t least_ns = 0);
// The same for how long something goes on: to 1000 h.
std::int64_t parse_length_ns(std::string_view flag, std::string_view text,
                             std::int64_t bare_unit_ns, std::int64_t least_ns = 0);
// "a,b,c", without empty or repeated items.
std::vector<std::string> parse_list(std::string_view flag, std::string_view text);

// Of a unit's name, such as "us"; 0 where there is no such unit.
double ns_per_unit(std::string_view unit);
// "5.50 ms", "850 ns".
std::string show_ns(double ns);
// "1500ms", "2min": in the largest unit that has no fraction, as the parsers above take it. Not of
// less than 0.
std::string exact_time(std::int64_t ns);
// "12.50k", "350".
std::string show_count(double count);
// "1,234,567".
std::string show_whole(std::uint64_t number);

}  // namespace spate::bench
