#include "descendants.h"

#include <dirent.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <fstream>
#include <string>

namespace spate::drivers {
namespace {

struct Process {
  Descendant self{0, 'X'};
  int parent = 0;
};

// "123 (its name) S 45 …"; the name may have blanks and brackets.
Process process_of(const char* number) {
  std::ifstream stat(fmt::format("/proc/{}/stat", number));
  std::string text;
  std::getline(stat, text);
  Process found;
  const std::size_t name_end = text.rfind(')');
  if (name_end != std::string::npos && name_end + 4 < text.size()) {
    std::from_chars(number, number + std::strlen(number), found.self.process);
    found.self.state = text[name_end + 2];
    std::from_chars(text.data() + name_end + 4, text.data() + text.size(), found.parent);
  }
  return found;
}

std::vector<Process> all_processes() {
  std::vector<Process> all;
  DIR* const folder = opendir("/proc");
  if (folder == nullptr) {
    return all;
  }
  while (const dirent* const entry = readdir(folder)) {
    if (entry->d_name[0] >= '0' && entry->d_name[0] <= '9') {
      all.push_back(process_of(entry->d_name));
    }
  }
  closedir(folder);
  return all;
}

}  // namespace

std::vector<Descendant> descendants() {
  const std::vector<Process> all = all_processes();
  std::vector<Descendant> found;
  const auto add_children = [&](int parent) {
    for (const Process& one : all) {
      if (one.self.process != 0 && one.parent == parent) {
        found.push_back(one.self);
      }
    }
  };
  add_children(getpid());
  std::size_t at = 0;
  while (at < found.size()) {  // which grows
    add_children(found[at++].process);
  }
  return found;
}

}  // namespace spate::drivers
