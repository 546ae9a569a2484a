#include "compare/history/folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>
#include <tuple>
#include <utility>

#include "compare/error.h"
#include "compare/parallel.h"
#include "compare/whole_file.h"

namespace spate::compare {
namespace {

namespace fs = std::filesystem;

// A file that somebody cut or changed is written anew.
bool has_text(const std::string& path, const std::string& text) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored) && FileText(path).view() == text;
}

void make_folder(const std::string& folder) {
  std::error_code fault;
  if (fs::exists(folder, fault) && !fs::is_directory(folder, fault)) {
    throw Error(
        fmt::format("--history {} is no folder; expected one, or a name that is free", folder));
  }
  if (fs::create_directories(folder, fault); fault) {
    throw Error(fmt::format("--history {}: cannot make that folder: {}", folder, fault.message()));
  }
}

std::vector<std::string> files_in(const std::string& folder) {
  std::error_code fault;
  if (!fs::exists(folder, fault)) {
    throw Error(fmt::format("--history {} is not there; --add RESULT.json makes it", folder));
  }
  std::vector<std::string> paths;
  fs::directory_iterator files(folder, fault);
  if (fault) {
    throw Error(
        fmt::format("--history {}: {}; expected a folder to read", folder, fault.message()));
  }
  for (const fs::directory_entry& file : files) {
    if (file.path().extension() == ".json" && !file.is_directory(fault)) {
      paths.push_back(file.path().string());
    }
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

KeptResult load_kept(const std::string& path) {
  ResultFile file = load_results(path);
  if (file.truncated) {
    throw Error(fmt::format("{} ends too early; add its result again, or remove it", path));
  }
  Provenance provenance = provenance_of(file);
  return {std::move(file), std::move(provenance)};
}

}  // namespace

std::vector<Addition> add_to_history(const std::string& folder,
                                     const std::vector<std::string>& results,
                                     const GivenProvenance& given) {
  std::vector<Entry> entries;
  entries.reserve(results.size());
  for (const std::string& path : results) {
    entries.push_back(entry_of(load_results(path), given));
  }
  make_folder(folder);
  std::vector<Addition> additions;
  for (const Entry& entry : entries) {
    const std::string path = (fs::path(folder) / entry.name).string();
    const bool is_new = !has_text(path, entry.text);
    if (is_new) {
      write_file(path, entry.text);
    }
    additions.push_back({path, is_new});
  }
  return additions;
}

History load_history(const std::string& folder) {
  const std::vector<std::string> paths = files_in(folder);
  std::vector<std::optional<KeptResult>> loaded(paths.size());
  std::vector<std::string> faults(paths.size());
  in_parallel(
      paths.size(),
      [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
          try {
            loaded[i] = load_kept(paths[i]);
          } catch (const Error& fault) {
            faults[i] = fault.what();
          }
        }
      },
      1);
  History history;
  history.folder = folder;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    if (loaded[i]) {
      history.results.push_back(std::move(*loaded[i]));
    } else {
      history.unreadable.push_back(std::move(faults[i]));
    }
  }
  std::stable_sort(history.results.begin(), history.results.end(),
                   [](const KeptResult& a, const KeptResult& b) {
                     return a.provenance.date < b.provenance.date;
                   });
  return history;
}

}  // namespace spate::compare
