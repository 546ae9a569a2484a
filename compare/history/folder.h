// A folder of results, one file each, for people to look at, to copy and to keep under git.
#pragma once

#include <string>
#include <vector>

#include "compare/history/entry.h"
#include "compare/load.h"

namespace spate::compare {

struct Addition {
  std::string path;    // of the entry
  bool is_new = true;  // else it was there
};

// Keeps each of the results. Nothing is written unless all of them can be kept; each file is then
// there whole or not at all, also with others who add to the same folder at the same time. A folder
// that is not there is made. Throws Error.
std::vector<Addition> add_to_history(const std::string& folder,
                                     const std::vector<std::string>& results,
                                     const GivenProvenance& given);

struct KeptResult {
  ResultFile file;
  Provenance provenance;
};

struct History {
  std::string folder;
  std::vector<KeptResult> results;      // by date, of one date by the names of their files
  std::vector<std::string> unreadable;  // one line for each file that is none, with its name
};

// Every file *.json of the folder itself; what else is there is of others. Throws Error where there
// is no such folder.
History load_history(const std::string& folder);

}  // namespace spate::compare
