// One page that needs no network: tables, and the same as charts where scripts run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "compare/html/assets.h"
#include "compare/html/figure.h"
#include "compare/html/markup.h"

namespace spate::compare::html {

// How a headline is to be read; told by a sign and a colour, beside its words.
enum class Tone : std::uint8_t { fine, found, doubtful, plain };

// All texts are escaped here. Not thread-safe.
class Page {
 public:
  explicit Page(const Assets& with) : assets_(with) {}

  void add_headline(std::string_view title, Tone tone, std::string_view verdict);
  void add_heading(std::string_view text);
  void add_note(std::string_view text);
  // What the reader must not miss.
  void add_warning(std::string_view text);
  void add_table(const Table& table);
  // What is to be seen first: a word and its number each.
  void add_key_numbers(const std::vector<std::pair<std::string, std::string>>& numbers);

  // Side by side, as many as there is room for.
  void begin_figures();
  void end_figures();
  // Nothing where it is empty.
  void add_figure(const Figure& figure);

  void begin_fold(std::string_view title, std::string_view in_short, bool open);
  void end_fold();

  // The whole page, once.
  std::string finish(std::string_view title) const;

 private:
  std::string body_;
  nlohmann::ordered_json figures_ = nlohmann::ordered_json::object();  // by their ids
  const Assets& assets_;
};

}  // namespace spate::compare::html
