#include "compare/load.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "compare/context.h"
#include "compare/error.h"
#include "compare/fields.h"
#include "compare/humane.h"
#include "compare/json_text.h"
#include "compare/parallel.h"
#include "compare/row_reader.h"
#include "compare/whole_file.h"

namespace spate::compare {
namespace {

// Aggregates repeat what iteration rows say in full.
void drop_needless_aggregates(Rows& rows) {
  const auto is_aggregate = [](const Row& row) { return row.kind != RowKind::iteration; };
  if (std::none_of(rows.begin(), rows.end(), is_aggregate)) {
    return;
  }
  std::unordered_set<std::string_view> measured;
  for (const Row& row : rows) {
    if (!is_aggregate(row)) {
      measured.insert(row.run_name);
    }
  }
  std::erase_if(
      rows, [&](const Row& row) { return is_aggregate(row) && measured.contains(row.run_name); });
}

bool only_aggregates(const Rows& rows) {
  return !rows.empty() && std::none_of(rows.begin(), rows.end(), [](const Row& row) {
    return row.kind == RowKind::iteration;
  });
}

void note_repairs(const Origin& origin, ResultFile& file) {
  const std::vector<Repair>& repairs = origin.reader.repairs();
  for (const Repair& repair : repairs) {
    file.notes.push_back(
        fmt::format("repaired at {}: {}", place_of(origin.text, repair.offset), repair.what));
  }
  if (const std::size_t all = origin.reader.repair_count(); all > repairs.size()) {
    file.notes.push_back(fmt::format("repaired in {} more places", all - repairs.size()));
  }
}

// Reads the document's two members that matter, in any order.
class DocumentReader {
 public:
  DocumentReader(Origin& origin, ResultFile& file) : origin_(origin), file_(file) {}

  void read() {
    JsonReader& reader = origin_.reader;
    if (reader.peek() != JsonKind::object) {
      throw Error(
          fmt::format("{} is {}; expected an object", origin_.path, with_article(reader.peek())));
    }
    try {
      reader.read_object([&](std::string_view key) { read_member(key); });
      reader.finish();
    } catch (const Truncated&) {
      keep_what_is_whole();
    }
    if (!has_benchmarks_) {
      throw Error(fmt::format(
          "{} has no array 'benchmarks'; expected a file of --benchmark_out with format json",
          origin_.path));
    }
  }

 private:
  void read_member(std::string_view key) {
    JsonReader& reader = origin_.reader;
    if (key == "context" && reader.peek() == JsonKind::object) {
      file_.whole_context = std::make_shared<const nlohmann::json>(reader.read_json());
      read_context(*file_.whole_context);
    } else if (key == "context" && reader.peek() != JsonKind::null) {
      throw Error(fmt::format("{}: 'context' is {}; expected an object", origin_.path,
                              with_article(reader.peek())));
    } else if (key == "benchmarks" && reader.peek() == JsonKind::array) {
      has_benchmarks_ = true;
      RowReader rows(origin_);
      reader.read_array([&] { rows.read_into(file_.rows); });
      if (rows.repeated_members() > 0) {
        file_.notes.push_back(
            fmt::format("repaired: {} that stood in a row twice, of which the first counts",
                        plural(rows.repeated_members(), "member")));
      }
    } else {
      reader.skip();
    }
  }

  void read_context(const nlohmann::json& context) {
    const Fields fields(context, fmt::format("{}: 'context'", origin_.path));
    file_.interrupted = fields.flag("interrupted");
    file_.context = comparable_context(fields);
  }

  // A program that crashed leaves the rows that it had written; without any there is nothing to
  // keep.
  void keep_what_is_whole() {
    if (file_.rows.empty()) {
      throw;
    }
    file_.truncated = true;
    file_.notes.push_back(
        fmt::format("ends too early: the {} before that {} used, and what was to follow is unknown",
                    plural(file_.rows.size(), "row"), file_.rows.size() == 1 ? "is" : "are"));
  }

  Origin& origin_;
  ResultFile& file_;
  bool has_benchmarks_ = false;
};

ResultFile parse(const std::shared_ptr<Origin>& origin) {
  ResultFile file;
  file.path = origin->path;
  DocumentReader(*origin, file).read();
  note_repairs(*origin, file);
  drop_needless_aggregates(file.rows);
  if (only_aggregates(file.rows)) {
    file.notes.emplace_back("has aggregates alone: their medians, else their means, are used");
  }
  file.origin = origin;
  return file;
}

}  // namespace

Origin::Origin(std::string given_path, std::string_view given_text,
               std::shared_ptr<const void> given_owner)
    : path(std::move(given_path)),
      owner(std::move(given_owner)),
      text(given_text),
      reader(text, path) {}

std::span<const Counter> Row::counters() const {
  return std::span(origin->counters).subspan(first_counter, counter_count);
}

std::optional<double> Row::value(std::string_view name) const {
  for (const Counter& counter : counters()) {
    if (counter.name == name) {
      return counter.value;
    }
  }
  return std::nullopt;
}

std::string Row::where() const { return fmt::format("{}: row '{}'", origin->path, run_name); }

nlohmann::json Row::json() const {
  JsonReader reader(source, origin->path);
  nlohmann::json result = nlohmann::json::object();
  reader.read_object([&](std::string_view key) { result.emplace(key, reader.read_json()); });
  return result;
}

ResultFile load_results(const std::string& path) {
  const auto text = std::make_shared<const FileText>(path);
  return parse(std::make_shared<Origin>(path, text->view(), text));
}

ResultFile parse_results(std::string text, const std::string& path) {
  const auto owner = std::make_shared<const std::string>(std::move(text));
  return parse(std::make_shared<Origin>(path, *owner, owner));
}

std::vector<ResultFile> load_all(const std::vector<std::string>& paths) {
  std::vector<ResultFile> files(paths.size());
  in_parallel(
      paths.size(),
      [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
          files[i] = load_results(paths[i]);
        }
      },
      1);
  return files;
}

}  // namespace spate::compare
