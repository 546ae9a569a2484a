// What users say of their metrics and of known findings: files and flags to values.
#pragma once

#include <string>
#include <vector>

#include "compare/settings.h"

namespace spate::compare {

// All throw Error with one line that says what was given and what is expected.

// {"rules": [{"metric": "hits", "cell": "BM_cache*", "class": "throughput", "direction": "higher",
//             "unit": "plain", "effect": 0.05}, …]}; all but one of the last four may be missing.
std::vector<Rule> load_rules(const std::string& path);

// "cpu_time=15": the smallest change that matters, in percent.
Rule parse_effect(const std::string& text);

// "hits=throughput" or "hits=time:higher".
Rule parse_metric(const std::string& text);

// {"acknowledgements": [{"cell": "mode:queue *", "metric": "cpu_time", "reason": "…", "expires":
// "2027-01-31"}, …]}; all four are needed. "since": "a7c838f02908" or "2026-11-29" is for the step
// of a history that is there.
std::vector<Acknowledgement> load_acknowledgements(const std::string& path);

// What a verdict of --format json has marked as suspect, for fresh runs to decide about.
Suspects load_suspects(const std::string& path);

// "worse,cannot-tell"; "none" for no verdict at all.
FailOn parse_fail_on(const std::string& text);

// Whether it is a day of the calendar, YYYY-MM-DD.
bool is_date(std::string_view text);

std::string today();

}  // namespace spate::compare
