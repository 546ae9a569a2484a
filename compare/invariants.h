// What must hold in the data whatever was measured; where it does not, no ratio means anything.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "compare/cells.h"
#include "compare/match.h"
#include "compare/schema.h"

namespace spate::compare {

struct Break {
  std::string cell;
  std::string side;
  std::string kind;    // a counter that must be zero, or identity, digest, error, faults
  std::string detail;  // for people
};

// Failed rows, real faults that went wrong, counters that must be zero, and the ledger's identity.
std::vector<Break> breaks_of(const Cell& cell, std::string_view side);

// What is not zero of the counters that a rule makes invariants.
std::vector<Break> rule_breaks(const Cell& cell, std::string_view side, const Schema& schema);

// What breaks_of finds in a row without a mode, which may belong to either side.
std::vector<Break> breaks_of_unplaced(const Row& row);

// The same plan and seed give the same digest, in all rows of a cell and of a pair. Only for runs
// that were carried to their end: an interrupted one has attempted less.
std::vector<Break> digest_breaks(const Cell& cell, std::string_view side);
std::vector<Break> digest_breaks(const CellPair& pair, std::string_view sides);

}  // namespace spate::compare
