#include "descendants.h"

#include <dirent.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <fstream>
#include <string>
#include <string_view>

namespace spate::drivers {
namespace {

// A process or one of its threads.
struct Task {
  int number = 0;  // 0: it has gone
  char state = 'X';
  int parent = 0;
};

// "123 (its name) S 45 …"; the name may have blanks and brackets.
Task task_of(const std::string& folder, const char* number) {
  std::ifstream stat(fmt::format("{}/{}/stat", folder, number));
  std::string text;
  std::getline(stat, text);
  Task found;
  const std::size_t name_end = text.rfind(')');
  if (name_end != std::string::npos && name_end + 4 < text.size()) {
    std::from_chars(number, number + std::strlen(number), found.number);
    found.state = text[name_end + 2];
    std::from_chars(text.data() + name_end + 4, text.data() + text.size(), found.parent);
  }
  return found;
}

std::vector<Task> tasks_in(const std::string& path) {
  std::vector<Task> all;
  DIR* const folder = opendir(path.c_str());
  if (folder == nullptr) {
    return all;
  }
  while (const dirent* const entry = readdir(folder)) {
    if (entry->d_name[0] >= '0' && entry->d_name[0] <= '9') {
      all.push_back(task_of(path, entry->d_name));
    }
  }
  closedir(folder);
  return all;
}

}  // namespace

std::vector<int> descendants() {
  const std::vector<Task> all = tasks_in("/proc");
  std::vector<int> found;
  const auto add_children = [&](int parent) {
    for (const Task& one : all) {
      if (one.number != 0 && one.parent == parent) {
        found.push_back(one.number);
      }
    }
  };
  add_children(getpid());
  std::size_t at = 0;
  while (at < found.size()) {  // which grows
    add_children(found[at++]);
  }
  return found;
}

bool stands_still(int process) {
  const std::vector<Task> threads = tasks_in(fmt::format("/proc/{}/task", process));
  return std::all_of(threads.begin(), threads.end(), [](const Task& one) {
    return std::string_view("TtZX").find(one.state) != std::string_view::npos;
  });
}

}  // namespace spate::drivers
