#include "compare/history/entry.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "compare/error.h"
#include "compare/history/moment.h"
#include "compare/humane.h"

namespace spate::compare {
namespace {

using nlohmann::json;

constexpr const char* kCommit = "git_commit";
constexpr const char* kDate = "date";
constexpr std::string_view kDirty = "-dirty";
constexpr std::array<std::string_view, 8> kKept{"cell",   "digest", "mock_digest", "windows",
                                                "faults", "step",   "answer",      "cut_short"};

// Hashes are cut to as many digits as `git describe --abbrev=12` has, which the programs call
// themselves by.
constexpr std::size_t kHashDigits = 12;

std::string text_of(const json& context, const char* name) {
  const auto found = context.is_object() ? context.find(name) : context.end();
  return found != context.end() && found->is_string() ? found->get<std::string>() : "";
}

bool is_hash(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return std::isxdigit(c) != 0; });
}

std::string short_commit(std::string commit) {
  if (commit.size() > kHashDigits && is_hash(commit)) {
    commit.resize(kHashDigits);
  }
  return commit;
}

// Also where one of the two is cut shorter, as `git rev-parse --short` does.
bool is_same_commit(std::string_view one, std::string_view other) {
  constexpr std::size_t kLeastDigits = 4;  // of which git makes a hash
  const std::size_t common = std::min(one.size(), other.size());
  return one == other || (common >= kLeastDigits && is_hash(one) && is_hash(other) &&
                          one.substr(0, common) == other.substr(0, common));
}

// In a file's name.
std::string as_name(std::string text) {
  std::erase_if(text, [](unsigned char c) {
    return std::isalnum(c) == 0 && c != '.' && c != '_' && c != '-';
  });
  constexpr std::size_t kMaxLength = 40;
  return text.substr(0, kMaxLength);
}

// FNV-1a (Fowler, Noll, Vo), for names and against nobody.
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 14695981039346656037U;
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  }
  return hash;
}

json slim(const Row& row) {
  json result = row.json();
  if (const auto spate = result.find("spate"); spate != result.end() && spate->is_object()) {
    json kept = json::object();
    for (const std::string_view name : kKept) {
      if (const auto member = spate->find(name); member != spate->end()) {
        kept[std::string(name)] = *member;
      }
    }
    *spate = std::move(kept);
  }
  return result;
}

json context_with(const ResultFile& file, const GivenProvenance& given) {
  json context = file.whole_context ? *file.whole_context : json::object();
  if (!given.date.empty() && text_of(context, kDate).empty()) {
    context[kDate] = given.date + "T00:00:00+00:00";
  }
  const std::string known = text_of(context, kCommit);
  if (given.commit.empty() || is_same_commit(known, given.commit)) {
    return context;
  }
  if (!known.empty() && known != "unknown") {
    throw Error(fmt::format("{} is of commit {}, and --commit is {}; leave out --commit", file.path,
                            known, given.commit));
  }
  context[kCommit] = given.commit;
  return context;
}

Provenance provenance_in(const json& context, const std::string& path) {
  const std::string date = text_of(context, kDate);
  const std::optional<std::string> utc = utc_of(date);
  if (!utc) {
    throw Error(fmt::format(
        "{}: 'date' in its context is '{}'; expected one as Google Benchmark writes it, or --date "
        "when it is added to a history",
        path, one_line(date)));
  }
  std::string commit = text_of(context, kCommit);
  const bool dirty = commit.size() > kDirty.size() && commit.ends_with(kDirty);
  if (dirty) {
    commit.resize(commit.size() - kDirty.size());
  }
  return {*utc, commit == "unknown" ? "" : short_commit(std::move(commit)), dirty};
}

std::string dumped(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

Provenance provenance_of(const ResultFile& file) {
  return provenance_in(file.whole_context ? *file.whole_context : json::object(), file.path);
}

Entry entry_of(const ResultFile& file, const GivenProvenance& given) {
  if (file.truncated) {
    throw Error(fmt::format("{} ends too early; add it when it is whole", file.path));
  }
  if (file.rows.empty()) {
    throw Error(fmt::format("{} has no benchmark; expected one or more to keep", file.path));
  }
  const json context = context_with(file, given);
  const Provenance provenance = provenance_in(context, file.path);
  std::string text = fmt::format("{{\n\"context\": {},\n\"benchmarks\": [", dumped(context));
  for (const Row& row : file.rows) {
    text += fmt::format("{}\n{}", &row == &file.rows.front() ? "" : ",", dumped(slim(row)));
  }
  text += "\n]\n}\n";
  std::string moment = provenance.date;
  std::erase_if(moment, [](char c) { return c == '-' || c == ':'; });
  const std::string commit =
      as_name(provenance.commit) + (provenance.dirty ? std::string(kDirty) : "");
  return {
      fmt::format("{}-{}{}{:016x}.json", moment, commit, commit.empty() ? "" : "-", hash_of(text)),
      std::move(text)};
}

}  // namespace spate::compare
