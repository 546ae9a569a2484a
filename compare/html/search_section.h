// The part of a page that is about a search for the highest rate.
#pragma once

#include <string>

#include "compare/html/page.h"
#include "compare/html/search.h"

namespace spate::compare::html {

// "Highest rate with p99<20ms: 950/s (interval 950/s to 969/s)", or why there is none.
std::string answer_phrase(const Search& search);

// The answer, what failed next, the steps as a chart by their rates, and each of them in a table.
// `whose`: the side; empty where there is but one.
void add_search(const Search& search, const std::string& whose, Page& page);

}  // namespace spate::compare::html
