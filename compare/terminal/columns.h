// Text in the columns of a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace spate::compare {

// What reports are written for: every terminal has them, and every log.
inline constexpr std::size_t kUsualColumns = 80;

// How many columns UTF-8 text takes: not its bytes.
std::size_t columns_of(std::string_view text);

// `text` in lines of at most `columns`, broken between words, with `hanging` blanks before all but
// the first. A word that is longer is broken behind one of `,|&]`, or stays whole where it has
// none. Blanks within a line stay as they are.
std::string wrapped(std::string_view text, std::size_t columns, std::size_t hanging);

}  // namespace spate::compare
