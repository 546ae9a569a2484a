// What a terminal allows beyond plain text.
#pragma once

#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>

namespace spate::bench {

// Whether lines on `out` can be written over: a terminal that is not a dumb one.
bool is_terminal(std::FILE* out);

// How wide it is; 80 where it does not say.
std::size_t terminal_columns(std::FILE* out);

// Text with colours, or the same text without.
class Palette {
 public:
  explicit Palette(bool colours) : colours_(colours) {}
  // Colours on a terminal, unless NO_COLOR is set and not empty (no-color.org).
  static Palette of(std::FILE* out);

  std::string heading(std::string_view text) const { return paint("1", text); }
  std::string bad(std::string_view text) const { return paint("1;31", text); }
  std::string warning(std::string_view text) const { return paint("33", text); }

 private:
  // `code`: ECMA-48, Select Graphic Rendition.
  std::string paint(const char* code, std::string_view text) const;

  bool colours_;
};

}  // namespace spate::bench
