#include "compare/terminal/command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "compare/terminal/columns.h"
#include "compare/terminal/help.h"
#include "compare/terminal/value_form.h"

namespace spate::compare {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(ValueForm, SaysWhatAFlagTakes) {
  EXPECT_FALSE(value_form("").there);
  const ValueForm number = value_form("N");
  EXPECT_TRUE(number.there);
  EXPECT_THAT(number.words, IsEmpty());
  EXPECT_FALSE(number.files || number.list || number.optional || number.attached);
  EXPECT_TRUE(value_form("FILE").files);
  EXPECT_TRUE(value_form("FILE…").files);
  EXPECT_FALSE(value_form("TIME:KIND[,NAME=VALUE…]").files);
  EXPECT_THAT(value_form("constant|poisson").words, ElementsAre("constant", "poisson"));
}

TEST(ValueForm, KnowsListsAndWhatMayBeLeftOut) {
  const ValueForm chaos = value_form("[off|on|file:PATH]");
  EXPECT_TRUE(chaos.optional && chaos.files_behind);
  EXPECT_FALSE(chaos.list || chaos.files);
  EXPECT_THAT(chaos.words, ElementsAre("off", "on", "file:"));
  const ValueForm list = value_form("a|b[,…]");
  EXPECT_TRUE(list.list);
  EXPECT_FALSE(list.optional);
  const ValueForm flag = value_form("[=true|false]");
  EXPECT_TRUE(flag.optional && flag.attached);
  EXPECT_THAT(flag.words, ElementsAre("true", "false"));
  EXPECT_TRUE(value_form("=FILE").attached && value_form("=FILE").files);
}

TEST(Sections, HaveItemsTextsAndHeadings) {
  const std::vector<Section> sections = sections_of(
      "Examples:\n  run --fast  quickly,\n              they say\n  run\n\nA note\nof two "
      "lines.\n\n"
      "Exit codes: 0 fine, 1 not");
  ASSERT_EQ(sections.size(), 3U);
  EXPECT_EQ(sections[0].heading, "Examples");
  ASSERT_EQ(sections[0].items.size(), 2U);
  EXPECT_EQ(sections[0].items[0].term, "run --fast");
  EXPECT_EQ(sections[0].items[0].text, "quickly, they say");
  EXPECT_EQ(sections[0].items[1].term, "run");
  EXPECT_EQ(sections[0].items[1].text, "");
  EXPECT_EQ(sections[1].heading, "");
  EXPECT_EQ(sections[1].text, "A note of two lines.");
  EXPECT_EQ(sections[2].heading, "Exit codes");
  EXPECT_EQ(sections[2].text, "0 fine, 1 not");
}

class CommandOf : public testing::Test {
 protected:
  CommandOf() {
    app_.add_option("--rate", rate_, "how many\na second")->type_name("N")->capture_default_str();
    app_.add_option("--real", real_)->type_name("[a|b]")->excludes("--rate");
    app_.add_option("--fault", faults_)->type_name("F")->allow_extra_args(false);
    app_.add_flag("--sim", sim_, "a switch")->group("Others")->needs("--rate");
    app_.add_option("files", files_, "what to read")->type_name("FILE");
    app_.add_option("--secret", rate_)->group("");
    app_.footer("Examples:\n  program  text");
  }

  std::string rate_ = "100";
  std::string real_;
  std::vector<std::string> faults_;
  std::vector<std::string> files_;
  bool sim_ = false;
  CLI::App app_{"What it\ndoes.", "program"};
};

TEST_F(CommandOf, AnAppHasItsFlagsWithAllThatIsToBeTold) {
  const Command command = command_of(app_);
  EXPECT_EQ(command.name, "program");
  EXPECT_EQ(command.description, "What it does.");
  EXPECT_EQ(command.usage(), "program [flags] [files…]");
  ASSERT_EQ(command.flags.size(), 5U);  // --help is the first; a hidden one is none
  EXPECT_EQ(command.flags[0].form(), "-h,--help");
  EXPECT_EQ(command.flags[1].form(), "--rate N=100");
  EXPECT_EQ(command.flags[1].text, "how many a second; not with --real");
  EXPECT_EQ(command.flags[2].form(), "--real [a|b]");
  EXPECT_EQ(command.flags[2].text, "not with --rate");
  EXPECT_FALSE(command.flags[1].repeatable);
  EXPECT_TRUE(command.flags[3].repeatable);
  EXPECT_EQ(command.flags[4].form(), "--sim");
  EXPECT_EQ(command.flags[4].group, "Others");
  EXPECT_EQ(command.flags[4].text, "a switch; with --rate");
  ASSERT_EQ(command.positionals.size(), 1U);
  EXPECT_EQ(command.positionals[0].value, "FILE");
}

TEST_F(CommandOf, HelpIsAsWideAsItIsAskedToBe) {
  const Command command = command_of(app_);
  for (const std::size_t columns : {40U, 60U, 80U, 120U}) {
    std::istringstream lines(help_text(command, columns));
    for (std::string line; std::getline(lines, line);) {
      EXPECT_LE(columns_of(line), columns) << line;
    }
  }
  EXPECT_THAT(help_text(command, 80),
              HasSubstr("\n  --rate N=100                how many a second; not with --real\n"));
  EXPECT_THAT(help_text(command, 80),
              HasSubstr("\nOthers:\n  --sim                       a switch"));
  EXPECT_THAT(help_text(command, 80), HasSubstr("\nExamples:\n  program  text\n"));
}

}  // namespace
}  // namespace spate::compare
