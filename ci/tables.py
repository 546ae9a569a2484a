"""What the tables of ci/ are printed with: in Markdown, to be kept; on a terminal in blocks that fit 80 columns."""
import sys
import textwrap

COLUMNS = 80


class Table:
    """Rows are printed as they come. On a terminal the first of their cells is a block's heading, and each of the
    others has a line, behind its column's name."""

    def __init__(self, heads):
        self.heads = heads
        self.on_terminal = sys.stdout.isatty()
        if not self.on_terminal:
            print(f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}", flush=True)

    def row(self, *cells):
        if not self.on_terminal:
            print(f"| {' | '.join(cells)} |", flush=True)
            return
        width = max(len(head) for head in self.heads[1:])
        say(cells[0])
        for head, cell in zip(self.heads[1:], cells[1:]):
            say(f"  {head:<{width}}  {cell}", width + 4)
        sys.stdout.flush()


def say(line, hanging=2):
    """A line, in several on a terminal that it would not fit."""
    if sys.stdout.isatty():
        line = textwrap.fill(line, COLUMNS, subsequent_indent=" " * hanging, drop_whitespace=True,
                             break_on_hyphens=False, break_long_words=False)
    print(line)
