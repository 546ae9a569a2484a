#include "compare/distinct_files.h"

#include <fmt/format.h>

#include <cstddef>
#include <filesystem>
#include <system_error>

#include "compare/error.h"

namespace spate::compare {

bool are_one_file(const std::string& one, const std::string& other) {
  std::error_code ignored;  // then they are as they stand
  const auto plain = [&](const std::string& path) {
    return std::filesystem::absolute(path, ignored).lexically_normal();
  };
  return plain(one) == plain(other) || std::filesystem::equivalent(one, other, ignored);
}

void require_distinct(const std::vector<std::string>& files, std::string_view flag) {
  for (std::size_t i = 0; i < files.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (are_one_file(files[i], files[j])) {
        throw Error(fmt::format("{} has {} twice; give each file, which is one process, once", flag,
                                files[i]));
      }
    }
  }
}

void require_new_files(const std::vector<std::string>& outputs, std::vector<std::string> inputs) {
  for (const std::string& output : outputs) {
    for (const std::string& other : inputs) {
      if (!output.empty() && !other.empty() && are_one_file(output, other)) {
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
