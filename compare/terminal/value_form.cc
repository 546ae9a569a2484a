#include "compare/terminal/value_form.h"

#include <algorithm>
#include <cctype>

namespace spate::compare {
namespace {

constexpr std::string_view kMore = "[,…]";

bool is_capital(char c) { return std::isupper(static_cast<unsigned char>(c)) != 0; }
bool is_file(std::string_view name) { return name == "FILE" || name == "PATH" || name == "DIR"; }

void take(std::string_view alternative, ValueForm& form) {
  const auto capital = static_cast<std::size_t>(
      std::find_if(alternative.begin(), alternative.end(), is_capital) - alternative.begin());
  const std::string_view word = alternative.substr(0, capital);
  const std::string_view rest = alternative.substr(capital);
  if (word.empty()) {
    form.files = form.files || is_file(rest);
  } else {
    form.words.emplace_back(word);
    form.files_behind = form.files_behind || is_file(rest);
  }
}

}  // namespace

ValueForm value_form(std::string_view text) {
  ValueForm form;
  form.there = !text.empty();
  if (text.ends_with(kMore)) {
    form.list = true;
    text.remove_suffix(kMore.size());
  }
  if (text.starts_with('[') && text.ends_with(']')) {
    form.optional = true;
    text = text.substr(1, text.size() - 2);
  }
  if (text.starts_with('=')) {
    form.attached = true;
    text.remove_prefix(1);
  }
  if (constexpr std::string_view kSeveral = "…"; text.ends_with(kSeveral)) {
    text.remove_suffix(kSeveral.size());
  }
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('|'), text.size());
    take(text.substr(0, end), form);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return form;
}

}  // namespace spate::compare
