// HTML from text that nobody vouches for.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace spate::compare::html {

// As text between tags or within a quoted attribute. What is no UTF-8, and control characters, are
// replaced.
std::string escaped(std::string_view text);

// As the content of a <script>: no `<` can end the element, and no parser takes anything for a
// line's end.
std::string script_json(const nlohmann::ordered_json& value);

// The first column names each row.
struct Table {
  std::string caption;
  std::vector<std::string> head;
  std::vector<std::vector<std::string>> rows;  // as long as the head
  std::size_t words_from = 0;  // columns from here on are words, and not numbers; 0: none
};

// In a box of its own, in which it scrolls where it is wide.
std::string table_html(const Table& table);

// 'sha256-…' of a Content Security Policy, of a hexadecimal hash.
std::string policy_source(std::string_view sha256_hex);

}  // namespace spate::compare::html
