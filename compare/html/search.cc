#include "compare/html/search.h"

#include <fmt/format.h>

#include "compare/fields.h"
#include "compare/html/shown_cells.h"
#include "compare/humane.h"
#include "compare/schema.h"

namespace spate::compare::html {
namespace {

using nlohmann::json;

std::string name_of(const json& cell) {
  return spoken_name(fmt::format("mode:{} chaos:{} agents:{}", unquoted(cell.at("mode")),
                                 unquoted(cell.at("chaos").at("profile")),
                                 unquoted(cell.at("agents"))));
}

SearchStep read_step(const Row& row) {
  const json whole = row.json();
  const Fields fields(whole, row.where());
  const Fields spate = fields.required_object("spate");
  const Fields told = spate.required_object("step");
  SearchStep step;
  step.row = &row;
  step.rate = spate.required_object("cell").required_number("rate");
  step.holds = told.flag("holds") && !row.error;
  step.is_control = told.flag("control");
  if (row.error) {
    step.reasons.push_back(fmt::format("failed: {}", *row.error));
  }
  for (const json& reason : told.array("reasons")) {
    step.reasons.push_back(unquoted(reason));
  }
  if (const std::optional<Fields> values = told.object("values")) {
    for (const auto& [name, value] : values->json().items()) {
      step.values.emplace_back(name, values->number(name));
    }
  }
  return step;
}

// Of a row that did not fail.
std::optional<SearchAnswer> read_answer(const Row& row) {
  const std::optional<double> rate = row.value(kThroughput);
  if (row.error || !rate) {
    return std::nullopt;
  }
  SearchAnswer answer;
  answer.rate = *rate;
  const json whole = row.json();
  const Fields fields(whole, row.where());
  if (const auto told = fields.required_object("spate").object("answer")) {
    answer.fails = told->number("fails");
    answer.why_fails = told->text("why_fails").value_or("");
    answer.at_least = told->flag("at_least");
    answer.generator_limited = told->flag("generator_limited");
    answer.few_samples = told->flag("few_samples");
  }
  return answer;
}

void add_step(const Row& row, Search& search) {
  search.steps.push_back(read_step(row));
  if (!search.steps.back().is_control) {  // which is another delivery
    search.mode = row.delivery->mode;
    search.name = name_of(*row.delivery->cell);
  }
}

void finish(const Row& row, Search& search) {
  search.mode = row.delivery->mode;
  search.name = name_of(*row.delivery->cell);
  search.objective = unquoted(row.delivery->cell->at(kObjective));
  search.answer = read_answer(row);
  search.why_none = row.error ? *row.error : "";
}

}  // namespace

std::vector<Search> searches_in(const std::vector<ResultFile>& files) {
  std::vector<Search> searches;
  for (const ResultFile& file : files) {
    bool under_way = false;
    for (const Row& row : file.rows) {
      if (!row.delivery || !(row.delivery->is_step || row.delivery->is_answer)) {
        continue;
      }
      if (!under_way) {
        searches.emplace_back();
      }
      under_way = row.delivery->is_step;
      under_way ? add_step(row, searches.back()) : finish(row, searches.back());
    }
  }
  return searches;
}

}  // namespace spate::compare::html
