// Pages as the program writes them: what is in them first, what nobody can smuggle into them, and
// how the program is asked for them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <regex>

#include "compare/html/assets.h"
#include "compare/html/markup.h"
#include "compare/html/page.h"
#include "compare/html/report.h"
#include "tests/compare/sample.h"

namespace spate::compare::html {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string page_of(const std::vector<json>& files, std::vector<std::string> flags = {}) {
  std::vector<std::string> texts;
  for (const json& file : files) {
    texts.push_back(file.dump());
  }
  flags.insert(flags.end(), {"--format", "html"});
  Outcome outcome = run_on(texts, std::move(flags));
  EXPECT_EQ(outcome.err, "");
  return outcome.out;
}

// Without the scripts and the style, which are ours.
std::string body_of(const std::string& page) {
  const std::size_t begin = page.find("<body>");
  return page.substr(begin, page.find("<script>", begin) - begin);
}

std::string text_of(const TemporaryFile& file) {
  std::ifstream stream(file.path());
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::size_t count(const std::string& text, const std::string& what) {
  std::size_t found = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) {
    ++found;
  }
  return found;
}

TEST(HtmlMarkup, EscapesWhatWouldBeMarkup) {
  EXPECT_EQ(escaped("<a href=\"x\">'&'\n\xff"),
            "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;?\ufffd");
}

TEST(HtmlMarkup, JsonCannotEndItsElement) {
  const nlohmann::ordered_json value{{"</script><!--", "&\u2028\u2029'\""}};
  const std::string text = script_json(value);
  EXPECT_EQ(text, "{\"\\u003c/script\\u003e\\u003c!--\":\"\\u0026\\u2028\\u2029'\\\"\"}");
  EXPECT_EQ(json::parse(text), json(value));
}

TEST(HtmlMarkup, PolicyHashesAreBase64) {  // of nothing, as everybody's table has it
  EXPECT_EQ(policy_source("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='");
}

TEST(HtmlPage, WithoutChartsItHasTablesAndSaysWhy) {
  const Assets bare{{"script", ""}, {"", ""}, {"", ""}, ""};
  Page page(bare);
  Figure figure;
  figure.labels = {"a"};
  figure.lines = {{"one", 0, 0, false, {{0, 1, std::nullopt}}}};
  page.add_figure(figure);
  const std::string text = page.finish("title");
  EXPECT_THAT(text, HasSubstr("<td>1.000ns</td>"));
  EXPECT_THAT(text, HasSubstr("libjs-chart.js"));
  EXPECT_THAT(text, Not(HasSubstr("<script")));
  EXPECT_THAT(text, Not(HasSubstr("script-src"))) << "of an empty hash browsers complain";
}

TEST(HtmlPage, NamesCannotBecomeMarkup) {
  const std::string evil =
      "BM_</script><script>alert(1)</script><img src=x onerror='a'>&amp;\"\u2028";
  const std::vector<json> rows = with_values(plain_row(evil, 1), "real_time", around(100));
  const std::vector<json> slower = with_values(plain_row(evil, 1), "real_time", around(150));
  json delivery = virtual_row();
  delivery["spate"]["agents"][0]["name"] = evil;
  delivery["spate"]["chaos_events"]["events"][0]["kind"] = evil;
  delivery["spate"]["cell"]["chaos"]["profile"] = evil;
  delivery["spate"]["troubles"] = {evil};
  json file = result_file({delivery});
  file["context"]["cpu_model"] = evil;
  for (const std::string& page :
       {page_of({file}), page_of({result_file(rows)}),
        page_of({result_file(rows), result_file(slower)}), page_of({file, file}, {"--exact"})}) {
    const std::string body = page.substr(page.find("<body>"));
    EXPECT_THAT(page, HasSubstr("alert"));
    EXPECT_THAT(page, Not(HasSubstr("<img")));
    EXPECT_THAT(page, Not(HasSubstr("<script>alert")));
    EXPECT_EQ(count(page, "</script>"), assets().chart_js.text.empty() ? 0U : 3U);
    EXPECT_THAT(body_of(page), Not(HasSubstr("\u2028\"")));
  }
}

TEST(HtmlReport, OneFileIsShownWithoutAVerdict) {
  const Outcome outcome =
      run_on({result_file({virtual_row(), delivery_row("queue")}).dump()}, {"--format=html"});
  EXPECT_EQ(outcome.code, ExitCode::fine);
  EXPECT_THAT(outcome.out, StartsWith("<!DOCTYPE html>"));
  EXPECT_THAT(outcome.out, HasSubstr("Nothing was lost, duplicated or damaged."));
  EXPECT_THAT(outcome.out, HasSubstr("<caption>Response time of every cell</caption>"));
}

TEST(HtmlReport, OneFileIsNothingForOtherReports) {
  const std::string text = result_file({virtual_row()}).dump();
  for (const std::vector<std::string>& flags : std::vector<std::vector<std::string>>{
           {}, {"--html", "x.html"}, {"--format", "json"}, {"--exact", "--format=html"}}) {
    const Outcome outcome = run_on({text}, flags);
    EXPECT_EQ(outcome.code, ExitCode::unusable);
    EXPECT_THAT(outcome.err, HasSubstr("one file with --format html"));
  }
  for (const std::string flag : {"--markdown", "--json", "--junit", "--html"}) {
    const TemporaryFile file("as it was");
    const Outcome outcome = run_on({text}, {"--format=html", flag, file.path()});
    EXPECT_EQ(outcome.code, ExitCode::unusable);
    EXPECT_THAT(outcome.err, HasSubstr(flag + " with one file"));
    EXPECT_EQ(text_of(file), "as it was");
  }
  for (const std::string flag : {"--alpha=0.1", "--paired", "--fail-on=new"}) {
    EXPECT_EQ(run_on({text}, {"--format=html", flag}).code, ExitCode::unusable) << flag;
  }
}

TEST(HtmlReport, EndsWithTheCodeOfTheOtherReports) {
  const json good = result_file({virtual_row()});
  json lossy = virtual_row();
  lossy["lost"] = 5;
  lossy["delivered"] = 1420;
  json other = virtual_row();
  other["delivered"] = 1424;
  other["failed"] = 76;
  const json whole[] = {good, result_file({lossy}), result_file({other}),
                        result_file({delivery_row("queue")}), result_file({virtual_row()}, true)};
  for (const json& candidate : whole) {
    for (const std::vector<std::string>& flags :
         std::vector<std::vector<std::string>>{{}, {"--exact"}}) {
      std::vector<std::string> with_html = flags;
      with_html.emplace_back("--format=html");
      EXPECT_EQ(run_on({good.dump(), candidate.dump()}, with_html).code,
                run_on({good.dump(), candidate.dump()}, flags).code);
    }
  }
  EXPECT_EQ(run_on({result_file({lossy}).dump()}, {"--format=html"}).code, ExitCode::broken);
  EXPECT_EQ(run_on({result_file({virtual_row()}, true).dump()}, {"--format=html"}).code,
            ExitCode::inconclusive);
  EXPECT_EQ(run_on({result_file({}).dump()}, {"--format=html"}).code, ExitCode::inconclusive);
}

TEST(HtmlReport, WhatIsBrokenStandsFirst) {
  json lossy = virtual_row();
  lossy["lost"] = 5;
  lossy["delivered"] = 1420;
  const std::string page = page_of({result_file({lossy})});
  const std::size_t broken = page.find("lost 5");
  EXPECT_NE(broken, std::string::npos);
  EXPECT_LT(broken, page.find("<figure"));
  EXPECT_THAT(page, Not(HasSubstr("Nothing was lost")));
}

TEST(HtmlReport, OfARunThatWasStoppedNothingIsBroken) {
  json stopped = virtual_row();
  stopped["lost"] = 5;
  stopped["delivered"] = 1420;
  stopped["spate"]["cut_short"] = true;
  const std::string page = page_of({result_file({stopped}, true)});
  EXPECT_THAT(page, HasSubstr("Interrupted: this is of the part that was run"));
  EXPECT_THAT(page, Not(HasSubstr("roken")));
  stopped["corrupted"] = 1;
  EXPECT_THAT(page_of({result_file({stopped}, true)}), HasSubstr("corrupted 1"));
}

TEST(HtmlReport, VerdictsStandWithTheirIntervals) {
  const std::string page =
      page_of({result_file(with_values(plain_row("BM_a", 1), "real_time", around(100))),
               result_file(with_values(plain_row("BM_a", 1), "real_time", around(150)))});
  EXPECT_THAT(page, HasSubstr("<th scope=\"row\">BM_a: real time</th>"));
  EXPECT_TRUE(std::regex_search(
      page, std::regex("<td>\\+50\\.0% \\(\\+4\\d\\.\\d% \\.\\. \\+5\\d\\.\\d%\\)</td><td "
                       "class=\"word\">worse</td>")))
      << body_of(page);
}

TEST(HtmlReport, ModesStandSideBySide) {
  json queue = delivery_row("queue");
  queue["messages_per_second"] = 2000.0;
  for (const std::string& page :
       {page_of({result_file({delivery_row("mock"), queue})}),
        page_of({result_file({delivery_row("mock"), queue})}, {"--modes", "mock,queue"})}) {
    EXPECT_THAT(page, HasSubstr("<caption>queue against mock</caption>"));
    EXPECT_THAT(page, HasSubstr("<td>2.00x</td>"));
  }
}

TEST(HtmlReport, ExactDifferencesAreTold) {
  json other = virtual_row();
  other["spate"]["agents"][1]["delivered"] = 724;
  EXPECT_THAT(page_of({result_file({virtual_row()}), result_file({other})}, {"--exact"}),
              HasSubstr("spate.agents.1.delivered: base 725, new 724"));
}

TEST(HtmlReport, OfAllCellsFiftyDifferencesAreToldAndTheOthersCounted) {
  std::vector<json> base;
  for (int rate = 1; rate <= 40; ++rate) {
    base.push_back(virtual_row());
    base.back()["spate"]["cell"]["rate"] = rate;
  }
  std::vector<json> other = base;
  for (json& row : other) {
    row["spate"]["agents"][0]["delivered"] = 1;
    row["spate"]["agents"][1]["delivered"] = 2;
  }
  const std::string page = page_of({result_file(base), result_file(other)}, {"--exact"});
  EXPECT_EQ(count(page, "The seed fixes, and yet differs"), 50U);
  EXPECT_THAT(page, HasSubstr("and 30 more differences"));
}

// A cell names ten of its differences.
TEST(HtmlReport, DifferencesThatNoCellNamesAreCountedOnce) {
  const auto with_agents = [](int cells, int agents, int delivered) {
    std::vector<json> rows;
    for (int rate = 1; rate <= cells; ++rate) {
      rows.push_back(virtual_row());
      rows.back()["spate"]["cell"]["rate"] = rate;
      rows.back()["spate"]["agents"] = json::array();
      for (int i = 0; i < agents; ++i) {
        rows.back()["spate"]["agents"].push_back(
            {{"name", std::to_string(i)}, {"sent", delivered}});
      }
    }
    return result_file(rows);
  };
  const std::string page = page_of({with_agents(6, 25, 1), with_agents(6, 25, 2)}, {"--exact"});
  EXPECT_EQ(count(page, "The seed fixes, and yet differs"), 50U);
  EXPECT_EQ(count(page, "and 15 more<"), 4U) << "of those with all ten shown, before the limit";
  EXPECT_THAT(page, HasSubstr("and 40 more differences"));  // 15 of the fifth cell, 25 of the sixth
}

TEST(HtmlReport, AFileThatIsCutOffIsNotCalledInterrupted) {
  const std::string whole = result_file({virtual_row(), virtual_row(2000)}).dump();
  const Outcome outcome = run_on({whole.substr(0, whole.size() - 20)}, {"--format=html"});
  EXPECT_EQ(outcome.code, ExitCode::inconclusive);
  EXPECT_THAT(outcome.out, HasSubstr("Cut off: the file ends too early"));
  EXPECT_THAT(outcome.out, Not(HasSubstr("Interrupted")));
  EXPECT_THAT(page_of({result_file({virtual_row()}, true)}),
              HasSubstr("Interrupted: this is what"));
}

TEST(HtmlReport, WhatCannotBeDrawnLeavesNoOtherReportBehind) {
  json damaged = virtual_row();
  damaged["spate"]["response_histogram"] = "AAAA";
  const std::string text = result_file({damaged}).dump();
  const TemporaryFile json_file("as it was");
  const TemporaryFile page("as it was");
  const Outcome outcome =
      run_on({text, text}, {"--exact", "--json", json_file.path(), "--html", page.path()});
  EXPECT_EQ(outcome.code, ExitCode::unusable);
  EXPECT_THAT(outcome.err, HasSubstr("histogram"));
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(text_of(json_file), "as it was");
  EXPECT_EQ(text_of(page), "as it was");
}

TEST(HtmlReport, IsWrittenBesides) {
  const TemporaryFile page("");
  const Outcome outcome = compare_rows({virtual_row()}, {virtual_row()}, {"--html", page.path()});
  EXPECT_THAT(outcome.out, HasSubstr("matched"));
  const std::string text = text_of(page);
  EXPECT_THAT(text, StartsWith("<!DOCTYPE html>"));
  EXPECT_THAT(text, HasSubstr("</html>\n"));
}

TEST(HtmlReport, IsNotWrittenOverWhatIsRead) {
  const TemporaryFile base(result_file({virtual_row()}).dump());
  const TemporaryFile other(result_file({virtual_row()}).dump());
  std::ostringstream out;
  const Outcome outcome = run_on({}, {"--html", base.path(), base.path(), other.path()});
  EXPECT_EQ(outcome.code, ExitCode::unusable);
  EXPECT_THAT(outcome.err, HasSubstr("would replace"));
}

// As ci/bench's file, with a hundred agents in every cell.
TEST(HtmlReport, StaysSmallAndSaysWhatItLeavesOut) {
  json row = virtual_row();
  row["spate"]["agents"] = json::array();
  for (int i = 0; i < 100; ++i) {
    row["spate"]["agents"].push_back(
        {{"name", "Agent-" + std::to_string(i)}, {"response_ns_mean", i}, {"response_ns_p99", i}});
  }
  std::vector<json> rows;
  for (int rate = 1; rate <= 54; ++rate) {
    rows.push_back(row);
    rows.back()["spate"]["cell"]["rate"] = rate;
    rows.back()["run_name"] = "r" + std::to_string(rate);
  }
  const std::string page = page_of({result_file(rows)});
  EXPECT_LT(page.size(), 1'500'000U);
  EXPECT_EQ(count(page, "80 more are left out"), 54U);
  const auto is_drawn = [](const std::string& text, const std::string& rate) {
    return std::regex_search(text, std::regex("<summary><strong>[^<]*\\b" + rate + "/s"));
  };
  for (int rate = 55; rate <= 250; ++rate) {
    rows.push_back(rows.front());
    rows.back()["spate"]["cell"]["rate"] = rate;
    rows.back()["run_name"] = "r" + std::to_string(rate);
  }
  const std::string longer = page_of({result_file(rows)});
  EXPECT_LT(longer.size(), 3'000'000U);
  EXPECT_THAT(longer, HasSubstr("150 more cells are left out"));
  EXPECT_TRUE(is_drawn(longer, "100"));
  EXPECT_FALSE(is_drawn(longer, "250"));
  rows.back()["lost"] = 5;
  rows.back()["delivered"] = 1420;
  EXPECT_TRUE(is_drawn(page_of({result_file(rows)}), "250")) << "what is broken comes first";
}

}  // namespace
}  // namespace spate::compare::html
