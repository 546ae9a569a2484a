// A second look at what a first one suspected: fresh runs, judged of these metrics alone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "compare/error.h"
#include "compare/json_report.h"
#include "compare/rules.h"
#include "tests/compare/sample.h"

namespace spate::compare {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

std::vector<json> timed(double time, std::size_t runs) {
  json row = plain_row("BM_a", 1);
  row["cpu_time"] = 100;
  return with_values(row, "real_time", around(time, runs));
}

TEST(Suspects, AreReadFromTheVerdictThatHasThem) {
  const TemporaryFile first(json_report(compared(timed(100, 3), timed(150, 3))));
  EXPECT_THAT(load_suspects(first.path()), ElementsAre(Pair("BM_a", "real_time")));
  const TemporaryFile calm(json_report(compared(timed(100, 3), timed(100, 3))));
  EXPECT_TRUE(load_suspects(calm.path()).empty());
}

TEST(Suspects, AloneAreJudgedAndShareTheFamily) {
  const TemporaryFile first(json_report(compared(timed(100, 3), timed(150, 3))));
  const std::vector<json> fresh{result_file(timed(100, 10)), result_file(timed(150, 10))};
  const json metrics = verdict(fresh, {"--suspects", first.path()})["cells"][0]["metrics"];
  EXPECT_EQ(metrics["real_time"]["verdict"], "worse");
  EXPECT_EQ(metrics["real_time"]["p_adjusted"], metrics["real_time"]["p"]);
  EXPECT_FALSE(metrics["cpu_time"].contains("verdict"));
}

// That a suspicion is not confirmed is an answer, where a doubt about everything else is none.
TEST(Suspects, ThatAreNotConfirmedAreFine) {
  const TemporaryFile first(json_report(compared(timed(100, 3), timed(150, 3))));
  const std::vector<double> wide{80, 90, 95, 100, 105, 120, 125};
  json row = plain_row("BM_a", 1);
  const std::vector<json> fresh{result_file(with_values(row, "real_time", wide)),
                                result_file(with_values(row, "real_time", around(112, 7)))};
  const json found = verdict(fresh, {"--suspects", first.path()});
  EXPECT_EQ(found["exit_code"], 0);
  EXPECT_EQ(found["verdicts"]["cannot_tell"], 1);
  EXPECT_EQ(verdict(fresh, {"--suspects", first.path(), "--fail-on", "cannot-tell"})["exit_code"],
            3);
}

TEST(Suspects, ThatCouldNotHaveBeenConfirmedAreInconclusive) {
  const TemporaryFile first(json_report(compared(timed(100, 3), timed(150, 3))));
  const std::vector<json> few{result_file(timed(100, 2)), result_file(timed(150, 2))};
  EXPECT_EQ(verdict(few, {"--suspects", first.path()})["exit_code"], 3);
}

TEST(Suspects, ThatAreNotThereAreInconclusive) {
  const TemporaryFile first(json_report(compared(timed(100, 3), timed(150, 3))));
  const json other = result_file(with_values(plain_row("BM_b", 1), "real_time", around(100)));
  const Outcome outcome = run_on({other.dump(), other.dump()}, {"--suspects", first.path()});
  EXPECT_EQ(outcome.code, ExitCode::inconclusive);
  EXPECT_THAT(outcome.out, HasSubstr("suspected, and not there to be judged: BM_a: real_time"));
}

TEST(Suspects, OfWhichOneIsNotThereAreInconclusiveWhateverTheOthersAre) {
  const auto both = [](double time) {
    std::vector<json> rows = timed(time, 3);
    const json other = plain_row("BM_b", 1);
    for (const json& row : with_values(other, "real_time", around(time, 3))) {
      rows.push_back(row);
    }
    return rows;
  };
  const TemporaryFile first(json_report(compared(both(100), both(150))));
  const std::vector<json> fresh{result_file(timed(100, 10)), result_file(timed(100, 10))};
  const json found = verdict(fresh, {"--suspects", first.path()});
  EXPECT_EQ(found["verdicts"]["same"], 1);
  EXPECT_EQ(found["suspects_not_met"], json::array({"BM_b: real_time"}));
  EXPECT_EQ(found["exit_code"], 3);
}

TEST(Suspects, OfSidesThatWereNotComparableAreRefused) {
  json here = result_file(timed(100, 3));
  json there = result_file(timed(150, 3));
  here["context"]["num_cpus"] = 2;
  there["context"]["num_cpus"] = 64;
  const TemporaryFile refused(json_report(compared_files({here}, {there})));
  EXPECT_THROW(load_suspects(refused.path()), Error);
}

TEST(Suspects, AFileThatIsNoVerdictIsRefused) {
  for (
      const std::string text :
      {"[]", "{}", R"({"cells": {}})", R"({"form": "files", "comparable": true})",
       R"({"form": "modes", "comparable": true, "cells": []})",
       R"({"form": "files", "comparable": true, "cells": [7]})",
       R"({"form": "files", "comparable": true, "cells": [{}]})",
       R"({"form": "files", "comparable": true, "cells": [{"names": "a", "metrics": {}}]})",
       R"({"form": "files", "comparable": true, "cells": [{"names": ["a"]}]})",
       R"({"form": "files", "comparable": true, "cells": [{"names": [], "metrics": {}}]})",
       R"({"form": "files", "comparable": true, "cells": [{"names": ["a"], "metrics": {"b": 7}}]})",
       R"({"form": "files", "comparable": true, "cells": [{"names": ["a"], "metrics": {"b": {"suspect": 7}}}]})"}) {
    const TemporaryFile file(text);
    try {
      load_suspects(file.path());
      FAIL() << text;
    } catch (const Error& fault) {
      EXPECT_THAT(fault.what(), HasSubstr(file.path()));
    }
  }
}

}  // namespace
}  // namespace spate::compare
