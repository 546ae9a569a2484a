// A series as a row of characters, each as high as a value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace spate::compare {

enum class Script : std::uint8_t { ascii, blocks };  // blocks: U+2581 to U+2588

// What the process's locale can show: LC_ALL, else LC_CTYPE, else LANG.
Script script_of_locale();

// At most `columns` characters, of which one stands before each of `marks`, which are places in the
// values: a bar, where a new level begins; none where bars would take half of the columns. Where
// there are more values than columns each character is the median of neighbours, of one level. The
// lowest and the highest character are at least `least_range` apart, so that a series that hardly
// moves looks like it. Values are finite.
std::string sparkline(std::span<const double> values, std::span<const std::size_t> marks,
                      double least_range, std::size_t columns, Script script);

}  // namespace spate::compare
