#include "compare/html/markup.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <utility>

#include "compare/humane.h"

namespace spate::compare::html {
namespace {

using nlohmann::ordered_json;

std::string replaced(std::string_view text,
                     std::initializer_list<std::pair<std::string_view, std::string_view>> what) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    std::size_t taken = 0;
    for (const auto& [from, to] : what) {
      if (text.starts_with(from)) {
        result += to;
        taken = from.size();
        break;
      }
    }
    if (taken == 0) {
      result += text.front();
      taken = 1;
    }
    text.remove_prefix(taken);
  }
  return result;
}

std::string base64(const std::vector<std::uint8_t>& bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string result;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const auto byte = [&](std::size_t i) {
      return at + i < bytes.size() ? std::uint32_t{bytes[at + i]} : 0U;
    };
    const std::uint32_t three = byte(0) << 16U | byte(1) << 8U | byte(2);
    for (const unsigned digit : {0U, 1U, 2U, 3U}) {
      result += at + digit > bytes.size() ? '=' : kDigits[three >> (18U - 6U * digit) & 63U];
    }
  }
  return result;
}

}  // namespace

std::string escaped(std::string_view text) {
  return replaced(one_line(text),
                  {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}, {"'", "&#39;"}});
}

std::string script_json(const ordered_json& value) {
  return replaced(value.dump(-1, ' ', false, ordered_json::error_handler_t::replace),
                  {{"<", "\\u003c"},
                   {">", "\\u003e"},
                   {"&", "\\u0026"},
                   {"\xe2\x80\xa8", "\\u2028"},
                   {"\xe2\x80\xa9", "\\u2029"}});
}

std::string table_html(const Table& table) {
  const auto is_word = [&](std::size_t column) {
    return table.words_from > 0 && column >= table.words_from;
  };
  std::string out = fmt::format(
      "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{0}\">"
      "<table><caption>{0}</caption>\n<thead><tr>",
      escaped(table.caption));
  for (std::size_t column = 0; column < table.head.size(); ++column) {
    out += fmt::format("<th scope=\"col\"{}>{}</th>", is_word(column) ? " class=\"word\"" : "",
                       escaped(table.head[column]));
  }
  out += "</tr></thead>\n<tbody>\n";
  for (const std::vector<std::string>& row : table.rows) {
    out += "<tr>";
    for (std::size_t column = 0; column < row.size(); ++column) {
      const std::string text = escaped(row[column]);
      out += column == 0       ? fmt::format("<th scope=\"row\">{}</th>", text)
             : is_word(column) ? fmt::format("<td class=\"word\">{}</td>", text)
                               : fmt::format("<td>{}</td>", text);
    }
    out += "</tr>\n";
  }
  return out + "</tbody></table></div>\n";
}

std::string policy_source(std::string_view sha256_hex) {
  std::vector<std::uint8_t> bytes;
  for (std::size_t at = 0; at + 1 < sha256_hex.size(); at += 2) {
    std::uint8_t byte = 0;
    std::from_chars(sha256_hex.data() + at, sha256_hex.data() + at + 2, byte, 16);
    bytes.push_back(byte);
  }
  return fmt::format("'sha256-{}'", base64(bytes));
}

}  // namespace spate::compare::html
