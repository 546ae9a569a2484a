// What the seed fixes of a row, and where the rows of two sides differ in it: for --exact.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "compare/load.h"
#include "compare/match.h"

namespace spate::compare {

// As many differences of a pair are kept; a run that took another course differs everywhere.
inline constexpr std::size_t kMaxDifferences = 10;

struct Difference {
  std::string key;            // where in the row: "delivered", "spate.agents.3.delivered"
  std::string reference_row;  // "base", or "base row 2" where it has several
  std::string other_row;
  nlohmann::json reference;  // null: absent
  nlohmann::json other;
};

struct Exactness {
  bool demanded = false;                // else the seed fixes nothing that both sides have
  std::vector<Difference> differences;  // the first of them, in the order of rows and keys
  std::size_t more = 0;                 // beyond those
};

enum class Demand : std::uint8_t {
  all,     // what --exact demands: of virtual time whole rows
  counts,  // what any comparison may demand before statistics: digests and counters alone
};

// The part of a row that must be equal in every run of its cell, by JSON pointers; null where there
// is none. This is the rule:
// - Of virtual time everything, but the CPU time and what only names the row or its place.
// - Of any other mode the digests and the counters that the draws alone decide, where both rows say
//   them; of the mock also what failed and what was delivered. But nothing where the machine's
//   speed had a say: something was shed, or a closed loop went by time or had downtimes, which end
//   by a schedule's time.
// Nothing of a cell without a seed, of a failed row or of an aggregate.
nlohmann::json fixed_by_seed(const Row& row, Demand demand);

// Each row of the pair against the first one of the reference. Of whole runs only: where an
// interrupted one ended was not the seed's choice.
Exactness compare_exactly(const CellPair& pair, const std::array<std::string, 2>& sides,
                          Demand demand);

}  // namespace spate::compare
