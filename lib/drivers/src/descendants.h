// The processes that this one has begotten, and those that they have.
#pragma once

#include <vector>

namespace spate::drivers {

struct Descendant {
  int process;
  char state;  // as /proc has it: R, S, D, T (stopped), Z (ended) …
};

// Those of this moment: what is begotten meanwhile may be missing. None that this process does not
// have itself by then gets lost where it is a subreaper.
std::vector<Descendant> descendants();

}  // namespace spate::drivers
