// A result as a history keeps it: a valid file of Google Benchmark's JSON, with all that defines
// and measures a cell and without what is bulky.
#pragma once

#include <string>

#include "compare/load.h"

namespace spate::compare {

// Whose numbers they are.
struct Provenance {
  std::string date;    // when they were measured: as utc_of() writes it
  std::string commit;  // at most 12 digits of a hash, or another name; empty: nobody says
  bool dirty = false;  // with changes that no commit has
};

// Throws Error where the file has no date that can be read.
Provenance provenance_of(const ResultFile& file);

// What was given on the command line, for what files do not say. Empty: nothing.
struct GivenProvenance {
  std::string commit;
  std::string date;  // YYYY-MM-DD
};

struct Entry {
  std::string name;  // of the file: the date, the commit and a hash of the text
  std::string text;
};

// Context and rows of the file, and of `spate` the cell, the digests, the windows, from which the
// p99 is taken, and the real faults. The same numbers give the same entry, also of an entry. Throws
// Error where the file is cut off, has no row, no date, or another commit than the given one.
Entry entry_of(const ResultFile& file, const GivenProvenance& given);

}  // namespace spate::compare
