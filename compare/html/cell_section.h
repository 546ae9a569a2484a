// One cell of a report: its charts, what became of its deliveries, and how it is defined.
#pragma once

#include "compare/html/overview.h"
#include "compare/html/page.h"

namespace spate::compare::html {

// `open`: unfolded from the start.
void add_cell(const ShownCell& cell, bool open, Page& page);

}  // namespace spate::compare::html
