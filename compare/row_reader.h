// One row of 'benchmarks' at a time.
#pragma once

#include <cstddef>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compare/load.h"
#include "compare/row_shape.h"

namespace spate::compare {

class RowReader {
 public:
  // `origin` outlives this; its reader stands before the first row.
  explicit RowReader(Origin& origin) : origin_(origin) {}

  // Reads the row at hand and appends it, unless it measures nothing: spreads (stddev, cv), fitted
  // complexities, skipped ones. Throws Error, which names the row.
  void read_into(Rows& rows);

  // Members that a row had before: a counter that is named like one of Google Benchmark's own,
  // which come first.
  std::size_t repeated_members() const { return repeated_members_; }

 private:
  struct Draft;

  void read_member(const RowShape::Member& member, Draft& draft);
  void read_counter(std::string_view name, Draft& draft);
  void read_delivery(Draft& draft);
  void read_delivery_member(std::string_view key, Delivery& delivery, const Draft& draft);
  std::optional<double> p99_of_windows();

  std::string_view same_as_last(std::string_view run_name);
  std::string_view read_text(std::string_view name, const Draft& draft);
  bool read_flag(std::string_view name, const Draft& draft);
  std::string where(const Draft& draft) const;
  [[noreturn]] void reject(const Draft& draft, std::string_view name,
                           std::string_view expected) const;

  void scale_times(Draft& draft);
  void check_values(const Draft& draft) const;
  void check_account(const Draft& draft) const;
  void finish(Draft& draft, Rows& rows);
  // Rows are about alike in length: room for as many as the rest of the text can hold.
  void expect_more_like(const Row& first, Rows& rows);

  Origin& origin_;
  RowShape shape_;
  std::size_t rows_read_ = 0;
  std::size_t repeated_members_ = 0;
  std::string_view last_run_name_;
  // Rows of one cell follow each other: its definition is parsed once.
  std::string_view last_cell_text_;
  std::shared_ptr<const nlohmann::json> last_cell_;
};

}  // namespace spate::compare
