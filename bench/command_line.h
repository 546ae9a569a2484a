// Command lines: what the programs have in common.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
}

namespace spate::bench {

// For an error: what was given, unless it may be an address, which may have a password in it.
std::string as_given(std::string_view given);

// Adds a flag whose value is kept as text, so that whoever understands it can name flag and value
// in one line. What `text` holds is shown as the default.
void add_flag(CLI::App& app, const char* name, std::string& text, const char* type,
              const std::string& help);

// Adds a switch: a flag without a value.
void add_switch(CLI::App& app, const char* name, bool& set, const std::string& help);

// A footer whose examples call the program as it was called: somebody's own has another name than
// `usual`.
std::string examples_of(const CLI::App& app, std::string_view usual, std::string footer);

// "a|b|c", as a value's form has it, of "a, b, c" or "a,b,c".
std::string one_of(std::string_view names);

// Appends `arg` to `args`, with `--flag=value` in two pieces: CLI11 takes the next argument for the
// value when there is none behind the sign.
void append_argument(std::vector<std::string>& args, const std::string& arg);

// All of them but the program's name, appended as above.
std::vector<std::string> arguments(int argc, const char* const* argv);

// `args` without the program's name. False when there is nothing left to do: --help and --version
// have been answered on standard output. Throws Error.
bool parse_command_line(CLI::App& app, std::vector<std::string> args);

// Shows the command line of a program of that name: as `set_up` makes it, and as
// parse_command_line() completes it.
void see_command_line(const char* name, const std::function<void(CLI::App&)>& set_up,
                      const std::function<void(const CLI::App&)>& see);

}  // namespace spate::bench
