// Where trials get the values of one cell from: drawn, or dealt from processes that really ran.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "compare/load.h"
#include "compare/schema.h"
#include "tests/compare/trials/noise.h"

namespace spate::compare {

// One cell's metrics in a row of processes; values[m][i] is metric m in the process that ran i-th.
struct CellHistory {
  std::vector<Metric> metrics;
  std::vector<std::vector<double>> values;
};

class Source {
 public:
  virtual ~Source() = default;
  virtual std::string name() const = 0;
  // Of one cell, in so many processes that ran after each other.
  virtual CellHistory draw(std::size_t processes, Random& random) const = 0;
};

// A delivery's five metrics, of which each has half of its variance in common with the others: what
// disturbs one of them mostly disturbs all.
class DrawnSource final : public Source {
 public:
  explicit DrawnSource(const Noise& noise) : noise_(noise) {}
  std::string name() const override { return std::string(noise_.name); }
  CellHistory draw(std::size_t processes, Random& random) const override;

 private:
  const Noise& noise_;
};

// A stretch of the recorded processes of one cell, from a random start. Throws Error where there
// are fewer than `processes`, or a cell is not in all of them.
class RecordedSource final : public Source {
 public:
  explicit RecordedSource(const std::vector<ResultFile>& files);
  std::string name() const override;
  CellHistory draw(std::size_t processes, Random& random) const override;

 private:
  std::vector<CellHistory> cells_;
};

}  // namespace spate::compare
