#include "program.h"

#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <string>

#include "compare/terminal/readers.h"
#include "spate/error.h"

namespace spate::bench {

std::string program_name(int argc, const char* const* argv) {
  const std::string path = argc > 0 ? argv[0] : "";
  const std::string name = path.substr(path.rfind('/') + 1);  // npos + 1 is 0
  return name.empty() ? "spate" : name;
}

void say(std::FILE* out, std::string_view text) {
  (void)std::fwrite(text.data(), 1, text.size(), out);
}

int run_program(const std::string& name, const std::function<int()>& work) {
  compare::let_readers_go();
  const auto tell = [&](std::string_view what) {
    say(stderr, fmt::format("{}: {}\n", name, what));
  };
  ExitCode code = ExitCode::usage;
  try {
    const int result = work();
    // What is lost here was promised; a reader must not take the rest for the whole.
    const bool written = std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
    if (!written && !compare::reader_has_gone()) {
      throw Error("standard output cannot be written to its end; is its disk full?");
    }
    return result;
  } catch (const Error& error) {
    tell(error.what());
    code = error.code();
  } catch (const std::exception& error) {
    tell(error.what());
  }
  return static_cast<int>(code);
}

}  // namespace spate::bench
