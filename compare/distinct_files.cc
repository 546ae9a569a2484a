#include "compare/distinct_files.h"

#include <fmt/format.h>

#include <cstddef>
#include <filesystem>
#include <system_error>

#include "compare/error.h"

namespace spate::compare {
namespace {

namespace fs = std::filesystem;

std::string whole_path(const std::string& path) {
  std::error_code ignored;
  return fs::weakly_canonical(fs::absolute(path, ignored), ignored).string();
}

}  // namespace

bool same_file(const std::string& one, const std::string& other) {
  std::error_code ignored;
  if (fs::is_character_file(one, ignored)) {  // of which libraries say different things
    return false;
  }
  return fs::exists(one, ignored) && fs::exists(other, ignored)
             ? fs::equivalent(one, other, ignored)
             : whole_path(one) == whole_path(other);
}

void require_distinct(const std::vector<std::string>& files, std::string_view flag) {
  for (std::size_t i = 0; i < files.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (same_file(files[i], files[j])) {
        throw Error(fmt::format("{} has {} twice; give each file, which is one process, once", flag,
                                files[i]));
      }
    }
  }
}

void require_new_files(const std::vector<std::string>& outputs, std::vector<std::string> inputs) {
  for (const std::string& output : outputs) {
    for (const std::string& other : inputs) {
      if (!output.empty() && !other.empty() && same_file(output, other)) {
        throw Error(
            fmt::format("the report {} would replace a file that this run reads or writes; "
                        "give another name",
                        output));
      }
    }
    inputs.push_back(output);
  }
}

}  // namespace spate::compare
