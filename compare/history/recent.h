// What is news in a history.
#pragma once

#include <cstddef>
#include <vector>

#include "compare/history/trend.h"

namespace spate::compare {

// The last points of a line, if it goes on. One that is measured now and then, or on several
// machines in turn, has few of the history's points, and a step of it needs some of them.
class Recent {
 public:
  // Of so many points of the history the last `recent`.
  Recent(std::size_t points, std::size_t recent) : points_(points), recent_(recent) {}

  // Whether its last point is as recent as that, in its own pace.
  bool goes_on(const TrendLine& line) const;
  // Whether a place in the line is among its last.
  bool has(const TrendLine& line, std::size_t at) const;
  // The same of a point of the history.
  bool has(std::size_t point) const { return points_ - point <= recent_; }

  // Says of each step whether it is new. What is sure may take back what is doubtful, and not the
  // other way around.
  void mark(TrendLine& line) const;

 private:
  void mark(const TrendLine& line, const std::vector<TrendStep*>& steps) const;

  std::size_t points_;
  std::size_t recent_;
};

}  // namespace spate::compare
