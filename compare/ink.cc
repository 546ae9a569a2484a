#include "compare/ink.h"

#include <fmt/format.h>

namespace spate::compare {
namespace {

std::string_view start_of(Ink ink) {
  switch (ink) {
    case Ink::red:
      return "\033[31m";
    case Ink::green:
      return "\033[32m";
    case Ink::yellow:
      return "\033[33m";
    case Ink::none:
      return "";
  }
  return "";
}

}  // namespace

Ink ink_of(ExitCode code) {
  switch (code) {
    case ExitCode::fine:
      return Ink::green;
    case ExitCode::inconclusive:
      return Ink::yellow;
    case ExitCode::finding:
    case ExitCode::unusable:
    case ExitCode::broken:
    case ExitCode::coverage_lost:
      return Ink::red;
  }
  return Ink::none;
}

std::string inked(std::string_view text, Ink ink, bool color) {
  return color && ink != Ink::none ? fmt::format("{}{}\033[0m", start_of(ink), text)
                                   : std::string(text);
}

}  // namespace spate::compare
