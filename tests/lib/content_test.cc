#include "spate/content.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "support/messages.h"

namespace spate {
namespace {

using namespace testing_support;

constexpr auto kGuard = std::byte{0xa5};

// Renders into a buffer of just the promised size, with guards behind it.
std::string rendered(const ContentTemplate& content, const Message& message) {
  constexpr std::size_t kGuards = 64;
  std::vector<std::byte> buffer(content.length(message) + ContentTemplate::kSlack + kGuards,
                                kGuard);
  const std::size_t size = content.render(message, buffer.data());
  EXPECT_EQ(size, content.length(message));
  EXPECT_EQ(std::count(buffer.end() - kGuards, buffer.end(), kGuard), kGuards)
      << "written beyond the slack";
  std::string text;
  for (std::size_t at = 0; at < size; ++at) {
    text += static_cast<char>(buffer[at]);
  }
  return text;
}

std::string rendered(std::string_view text, const Message& message) {
  return rendered(ContentTemplate(text), message);
}

constexpr Message kMessage = message_of(0, 8, 12'345);

TEST(ContentTemplate, FillsInItsPlaceholders) {
  EXPECT_EQ(rendered("{sender} to {recipient}: {sequence}!", kMessage),
            "Agent-1 to Agent-9: 12345!");
  EXPECT_EQ(rendered("{sequence}{sequence}", kMessage), "1234512345");
  EXPECT_EQ(rendered("plain", kMessage), "plain");
  EXPECT_EQ(rendered("", kMessage), "");
}

TEST(ContentTemplate, TakesADoubledBraceForABrace) {
  EXPECT_EQ(rendered("{{{sender}}}", kMessage), "{Agent-1}");
  EXPECT_EQ(rendered("a{{b}}c", kMessage), "a{b}c");
  EXPECT_EQ(rendered("{{sender}}", kMessage), "{sender}");
  EXPECT_EQ(rendered("{{{{", kMessage), "{{");
}

TEST(ContentTemplate, RefusesAnUnknownPlaceholder) {
  for (const std::string_view bad : {"{name}", "a {Sender} b", "{}", "{ sender}", "{sender{{}"}) {
    expect_line_with(error_of([&] { return ContentTemplate(bad); }),
                     {bad, "unknown placeholder", "{sender}, {recipient} or {sequence}"});
  }
}

TEST(ContentTemplate, RefusesAStrayBrace) {
  for (const std::string_view bad : {"}", "a}b", "{sender}}", "}}}"}) {
    expect_line_with(error_of([&] { return ContentTemplate(bad); }), {bad, "stray '}'"});
  }
  for (const std::string_view bad : {"{", "a {sender", "{{{"}) {
    expect_line_with(error_of([&] { return ContentTemplate(bad); }), {bad, "unknown placeholder"});
  }
}

TEST(ContentTemplate, StaysWithinItsSlackForTheLongestFieldsAndAnyTextLength) {
  const Message longest =
      message_of(std::numeric_limits<AgentId>::max(), std::numeric_limits<AgentId>::max(),
                 std::numeric_limits<std::uint64_t>::max());
  for (std::size_t length = 0; length < 100; ++length) {
    const std::string text(length, 'x');
    EXPECT_EQ(rendered(text, longest), text);
    std::string mixed = "{sequence}";
    std::string expected = "18446744073709551615";
    for (const std::string_view placeholder : {"{sender}", "{recipient}", "{sender}"}) {
      mixed.append(text).append(placeholder);
      expected.append(text).append("Agent-4294967296");
    }
    EXPECT_EQ(rendered(mixed, longest), expected);
  }
}

// Around every power of ten, where the number of digits changes; and what lies far beyond.
TEST(ContentTemplate, WritesNumbersOfEveryLength) {
  std::vector<std::uint64_t> numbers{std::numeric_limits<std::uint64_t>::max()};
  for (std::uint64_t power = 1; power <= 1'000'000'000'000; power *= 10) {
    numbers.insert(numbers.end(), {power - 1, power, power + 1, 7 * power, power / 3});
  }
  for (const std::uint64_t number : numbers) {
    EXPECT_EQ(rendered("<{sequence}>", message_of(0, 1, number)), fmt::format("<{}>", number));
  }
}

// Every value of each of the two groups of four digits.
TEST(ContentTemplate, WritesEveryGroupOfDigits) {
  for (std::uint64_t group = 0; group < 10'000; ++group) {
    for (const std::uint64_t number : {10'000'000 + group, group * 10'000 + 1234}) {
      EXPECT_EQ(rendered("{sequence}", message_of(0, 1, number)), fmt::format("{}", number));
    }
  }
}

// Template files.

class TemplateFile : public testing::Test {
 protected:
  TemplateFile()
      : path_(std::filesystem::path(testing::TempDir()) /
              (std::string("spate_templates_") +
               testing::UnitTest::GetInstance()->current_test_info()->name() + ".txt")) {}
  void TearDown() override { std::filesystem::remove(path_); }

  ContentTemplates load(std::string_view content) {
    std::ofstream(path_, std::ios::binary) << content;
    return ContentTemplates::load(path_.string());
  }
  std::string error_for(std::string_view content) {
    return error_of([&] { return load(content); });
  }
  std::string at_line(int line) const { return path_.string() + ":" + std::to_string(line) + ":"; }

  std::filesystem::path path_;
};

std::string said(const ContentTemplates& templates, MessageType type, std::uint64_t sequence) {
  const Message message = message_of(0, 1, sequence, type);
  return rendered(templates.of(message), message);
}

TEST_F(TemplateFile, ReplacesTheTypesThatItNamesAndKeepsTheOthers) {
  const ContentTemplates templates = load("text: one {sequence}\nurgent: help\ntext: two\n");
  EXPECT_EQ(said(templates, MessageType::text, 0), "one 0");
  EXPECT_EQ(said(templates, MessageType::text, 1), "two");
  EXPECT_EQ(said(templates, MessageType::text, 2), "one 2");
  EXPECT_EQ(said(templates, MessageType::urgent, 5), "help");
  const ContentTemplates built_in = ContentTemplates::built_in();
  for (std::uint64_t sequence = 0; sequence < 4; ++sequence) {
    for (const MessageType type : {MessageType::broadcast, MessageType::system}) {
      EXPECT_EQ(said(templates, type, sequence), said(built_in, type, sequence));
    }
  }
}

TEST_F(TemplateFile, SkipsCommentsAndBlankLinesAndTrimsTheRest) {
  const ContentTemplates templates =
      load("# text: no\n\n  \t\r\n  # indented\n  text \t:  a: b  \r\nsystem: last line");
  EXPECT_EQ(said(templates, MessageType::text, 0), "a: b");
  EXPECT_EQ(said(templates, MessageType::text, 1), "a: b");
  EXPECT_EQ(said(templates, MessageType::system, 0), "last line");
}

TEST_F(TemplateFile, WithoutTemplatesKeepsTheBuiltInOnes) {
  const ContentTemplates templates = load("");
  EXPECT_EQ(said(templates, MessageType::text, 0),
            said(ContentTemplates::built_in(), MessageType::text, 0));
}

TEST_F(TemplateFile, SaysFileAndLineOfAnError) {
  expect_line_with(error_for("# comment\n\nmail: x\n"), {at_line(3), "'mail: x'", "text: …"});
  expect_line_with(error_for("text: ok\nno colon\n"), {at_line(2), "'no colon'"});
  expect_line_with(error_for("Text: x\n"), {at_line(1), "'Text: x'"});
  expect_line_with(error_for("text: ok\ntext: {who}\n"),
                   {at_line(2), "unknown placeholder '{who}'"});
  expect_line_with(error_for("urgent: a}b\n"), {at_line(1), "stray '}'"});
}

TEST_F(TemplateFile, ThatIsNotThereOrIsNoFileIsNamed) {
  const std::string missing = path_.string() + ".missing";
  expect_line_with(error_of([&] { return ContentTemplates::load(missing); }),
                   {missing, "cannot be read"});
  const std::string folder = testing::TempDir();
  expect_line_with(error_of([&] { return ContentTemplates::load(folder); }),
                   {folder, "cannot be read"});
}

TEST(ContentTemplates, KnowTheLengthOfTheLongest) {
  std::size_t longest = 0;
  const ContentTemplates templates = ContentTemplates::built_in();
  for (std::size_t type = 0; type < kMessageTypes; ++type) {
    for (std::uint64_t sequence = 1000; sequence < 1006; ++sequence) {
      const Message message = message_of(99, 98, sequence, static_cast<MessageType>(type));
      longest = std::max(longest, templates.of(message).length(message));
    }
  }
  EXPECT_EQ(templates.longest(message_of(99, 98, 1000)), longest);
  EXPECT_LT(templates.longest(message_of(0, 1, 1)), longest);
}

TEST_F(TemplateFile, HasAMessageWithTheLongest) {
  const ContentTemplates templates = load(
      "text: short\nsystem: middling\n"
      "system: {sender} says what is longer than all that anybody else will ever say, or has\n");
  const Message message = templates.with_longest(message_of(7, 8, 9));
  EXPECT_EQ(message.type, MessageType::system);
  EXPECT_EQ(message.sequence, 1U);
  EXPECT_EQ(message.sender, 7U);
}

}  // namespace
}  // namespace spate
