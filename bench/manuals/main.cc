// spate_documents: writes the man pages and the shells' completion of the programs, by the very
// command lines that these parse. The build runs it; it is not installed.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>
#include <vector>

#include "bench/manuals/documents.h"
#include "compare/error.h"
#include "compare/options.h"
#include "compare/whole_file.h"
#ifdef SPATE_HAS_BENCH
#include "command_lines.h"
#endif

namespace spate::documents {
namespace {

std::vector<compare::Command> all_commands() {
  std::vector<compare::Command> commands;
  const auto add = [&](const CLI::App& app) { commands.push_back(compare::command_of(app)); };
#ifdef SPATE_HAS_BENCH
  bench::see_bench_app(add);
  bench::see_brokers_app(add);
#endif
  compare::see_app(add);
#ifdef SPATE_HAS_BENCH
  bench::see_conformance_app(add);
  bench::see_proxy_app(add);
  bench::see_stress_app(add);
#endif
  return commands;
}

void write(const std::filesystem::path& path, const std::string& text) {
  std::filesystem::create_directories(path.parent_path());
  compare::write_file(path.string(), text);
}

// Of the commands, those of these names.
void write_all(const std::filesystem::path& folder, const std::string& date,
               const std::vector<std::string>& names) {
  std::vector<compare::Command> commands = all_commands();
  std::erase_if(commands, [&](const compare::Command& command) {
    return std::find(names.begin(), names.end(), command.name) == names.end();
  });
  for (const compare::Command& command : commands) {
    const std::string& name = command.name;
    Imprint imprint{.date = date, .others = {}};
    for (const compare::Command& other : commands) {
      if (other.name != name) {
        imprint.others.push_back(other.name);
      }
    }
    write(folder / "man" / "man1" / (name + ".1"), man_page(command, imprint));
    write(folder / "bash-completion" / "completions" / name, bash_completion(command));
    write(folder / "zsh" / "site-functions" / ("_" + name), zsh_completion(command));
    write(folder / "fish" / "vendor_completions.d" / (name + ".fish"), fish_completion(command));
  }
}

}  // namespace
}  // namespace spate::documents

int main(int argc, char** argv) {
  if (argc < 4) {
    fmt::print(stderr, "spate_documents: expected FOLDER DATE PROGRAM…, got {} arguments\n",
               argc - 1);
    return 2;
  }
  try {
    spate::documents::write_all(argv[1], argv[2], {argv + 3, argv + argc});
  } catch (const std::exception& error) {
    fmt::print(stderr, "spate_documents: {}\n", error.what());
    return 2;
  }
  return 0;
}
