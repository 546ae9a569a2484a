// What is generated from a program's command line. Each function returns a whole file.
#pragma once

#include <string>
#include <vector>

#include "compare/terminal/command.h"

namespace spate::documents {

// What a man page has besides its command.
struct Imprint {
  std::string date;                 // "November 29, 2026"
  std::vector<std::string> others;  // programs to see also
};

// mdoc(7), section 1.
std::string man_page(const compare::Command& command, const Imprint& imprint);

// For bash-completion's folder, or to be sourced; needs nothing but bash 4.4.
std::string bash_completion(const compare::Command& command);
// A function `_<name>` for a folder of fpath.
std::string zsh_completion(const compare::Command& command);
std::string fish_completion(const compare::Command& command);

// In single quotes, as bash and zsh have it.
std::string quoted(const std::string& text);
// The first of what a flag does, for a line of a menu.
std::string short_text(const compare::Flag& flag);

}  // namespace spate::documents
