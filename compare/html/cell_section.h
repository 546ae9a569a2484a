// One cell of a report: its charts, what became of its deliveries, and how it is defined.
#pragma once

#include "compare/html/page.h"
#include "compare/html/shown_cells.h"

namespace spate::compare::html {

// `open`: unfolded from the start.
void add_cell(const ShownCell& cell, bool open, Page& page);

}  // namespace spate::compare::html
