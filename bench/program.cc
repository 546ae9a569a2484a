#include "program.h"

#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <system_error>

#include "spate/error.h"

namespace spate::bench {

std::string program_name(int argc, const char* const* argv) {
  const std::string path = argc > 0 ? argv[0] : "";
  const std::string name = path.substr(path.rfind('/') + 1);  // npos + 1 is 0
  return name.empty() ? "spate" : name;
}

int run_program(const std::string& name, const std::function<int()>& work) {
  // A reader that has gone away (| head) is an output that cannot be written, and told like one.
  (void)std::signal(SIGPIPE, SIG_IGN);
  ExitCode code = ExitCode::usage;
  try {
    const int result = work();
    // What is lost here was promised; a reader must not take the rest for the whole.
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
      throw Error("standard output cannot be written to its end; is its disk full?");
    }
    return result;
  } catch (const Error& error) {
    fmt::print(stderr, "{}: {}\n", name, error.what());
    code = error.code();
  } catch (const std::system_error&) {  // fmt's, of the same cause
    fmt::print(stderr, "{}: standard output cannot be written; is its disk full?\n", name);
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}: {}\n", name, error.what());
  }
  return static_cast<int>(code);
}

}  // namespace spate::bench
