#include "compare/html/page.h"

#include <fmt/format.h>

#include <algorithm>

namespace spate::compare::html {
namespace {

struct Sign {
  std::string_view name;
  std::string_view sign;
};

Sign sign_of(Tone tone) {
  switch (tone) {
    case Tone::fine:
      return {"fine", "\u2713"};
    case Tone::found:
      return {"found", "\u2717"};
    case Tone::doubtful:
      return {"doubtful", "?"};
    case Tone::plain:
      return {"plain", ""};
  }
  return {"plain", ""};
}

// Nothing may be loaded from anywhere, and no script may run but the two that are in the page: none
// where there are none, since an empty hash is one that browsers complain of.
std::string policy(const Assets& assets) {
  return fmt::format("default-src 'none'; {}style-src {}; base-uri 'none'; form-action 'none'",
                     assets.chart_js.text.empty()
                         ? ""
                         : fmt::format("script-src {} {}; ", policy_source(assets.chart_js.sha256),
                                       policy_source(assets.script.sha256)),
                     policy_source(assets.style.sha256));
}

std::string footer(const Assets& assets) {
  if (assets.chart_js.text.empty()) {
    return "<p>Tables alone: this Spate was built without Chart.js. With it (on Debian: "
           "libjs-chart.js) they are drawn as well.</p>\n";
  }
  return fmt::format(
      "<noscript><p>Scripts are switched off here: the tables have all numbers.</p></noscript>\n"
      "<details><summary>The charts are drawn by Chart.js, which is in this page under these terms"
      "</summary><pre>{}</pre></details>\n",
      [&] {
        std::string lines;
        std::string_view text = assets.chart_license;
        while (!text.empty()) {
          const std::size_t end = std::min(text.find('\n'), text.size());
          lines += escaped(text.substr(0, end)) + '\n';
          text.remove_prefix(std::min(end + 1, text.size()));
        }
        return lines;
      }());
}

}  // namespace

void Page::add_headline(std::string_view title, Tone tone, std::string_view verdict) {
  const auto [name, sign] = sign_of(tone);
  body_ += fmt::format(
      "<header><h1>{}</h1>\n<p class=\"verdict {}\"><span aria-hidden=\"true\">{}</span> "
      "{}</p></header>\n",
      escaped(title), name, sign, escaped(verdict));
}

void Page::add_heading(std::string_view text) {
  body_ += fmt::format("<h2>{}</h2>\n", escaped(text));
}

void Page::add_note(std::string_view text) {
  body_ += fmt::format("<p class=\"note\">{}</p>\n", escaped(text));
}

void Page::add_warning(std::string_view text) {
  body_ += fmt::format("<p class=\"warning\">{}</p>\n", escaped(text));
}

void Page::add_table(const Table& table) { body_ += table_html(table); }

void Page::add_key_numbers(const std::vector<std::pair<std::string, std::string>>& numbers) {
  body_ += "<dl class=\"key\">";
  for (const auto& [word, number] : numbers) {
    body_ += fmt::format("<div><dt>{}</dt><dd>{}</dd></div>", escaped(word), escaped(number));
  }
  body_ += "</dl>\n";
}

void Page::begin_figures() { body_ += "<div class=\"figures\">\n"; }

void Page::end_figures() { body_ += "</div>\n"; }

void Page::add_figure(const Figure& figure) {
  if (is_empty(figure)) {
    return;
  }
  const std::string id = fmt::format("f{}", figures_.size() + 1);
  // Unfolded, for where no script runs: ours folds it when it has drawn the chart.
  body_ += fmt::format(
      "<figure id=\"{}\" class=\"{}\"><figcaption><strong>{}</strong> {}</figcaption>\n"
      "<div class=\"chart\"></div>\n<details open><summary>The numbers</summary>\n",
      id, figure.labels.size() > 12 ? "long" : "usual", escaped(figure.title),
      escaped(figure.hint));
  for (const Table& table : tables_of(figure)) {
    add_table(table);
  }
  body_ += "</details></figure>\n";
  figures_[id] = figure_json(figure);
}

void Page::begin_fold(std::string_view title, std::string_view in_short, bool open) {
  body_ += fmt::format(
      "<details class=\"fold\"{}><summary><strong>{}</strong> <span>{}</span></summary>\n",
      open ? " open" : "", escaped(title), escaped(in_short));
}

void Page::end_fold() { body_ += "</details>\n"; }

std::string Page::finish(std::string_view title) const {
  std::string out = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n"
      "<title>{}</title>\n<style>{}</style>\n</head>\n<body>\n<main>\n",
      policy(assets_), escaped(title), assets_.style.text);
  out += body_;
  out += fmt::format("</main>\n<footer>\n{}</footer>\n", footer(assets_));
  if (!assets_.chart_js.text.empty()) {
    out += fmt::format("<script type=\"application/json\" id=\"figures\">{}</script>\n",
                       script_json(figures_));
    for (const Asset& script : {assets_.chart_js, assets_.script}) {
      out += "<script>";
      out += script.text;
      out += "</script>\n";
    }
  }
  return out + "</body>\n</html>\n";
}

}  // namespace spate::compare::html
