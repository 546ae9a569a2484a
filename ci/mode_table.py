"""Usage: ci/mode_table.py RESULT

Prints a result file of spate_bench as tables in Markdown, the modes side by side: what was achieved and the response
times of each cell. Exit code: 0, or 2 where the file cannot be read or has no cells.
"""
import json
import sys

from tables import Table, say


def cell_of(row):
    cell = row["spate"]["cell"]
    rate = f"{cell['rate']:,}/s" if cell["rate"] else "closed loop"
    return f"chaos {cell['chaos']['profile']}, {rate}, {cell['agents']} agents"


def shown_ns(ns):
    if ns is None:
        return "–"
    for unit, size in (("s", 1e9), ("ms", 1e6), ("µs", 1e3)):
        if ns >= size:
            return f"{ns / size:.3g} {unit}"
    return f"{ns:.0f} ns"


def shown(row):
    if row["spate"]["cell"]["rate"]:
        achieved = f"{100 * row['rate_achieved'] / row['rate_asked']:.1f} %{'!' if row['saturated'] else ''}"
    else:
        achieved = f"{row['rate_achieved']:,.0f}/s"
    refused = "".join(f", {row[end]:,.0f} {end}" for end in ("rejected", "unknown", "lost") if row[end])
    return f"{achieved}, p50 {shown_ns(row['response_ns_p50'])}, p99 {shown_ns(row['response_ns_p99'])}{refused}"


def main():
    try:
        with open(sys.argv[1], encoding="utf-8") as file:
            result = json.load(file)
        rows = [row for row in result["benchmarks"] if row["run_type"] == "iteration" and "spate" in row]
    except (OSError, ValueError, KeyError, IndexError) as error:
        print(f"mode_table: {error}; give a result file of spate_bench", file=sys.stderr)
        return 2
    if not rows:
        print(f"mode_table: {sys.argv[1]}: no cell of a delivery is in it", file=sys.stderr)
        return 2
    modes = list(dict.fromkeys(row["spate"]["cell"]["mode"] for row in rows))
    by_cell = {}
    for row in rows:
        by_cell.setdefault(cell_of(row), {})[row["spate"]["cell"]["mode"]] = row
    for mode, version in result["context"]["deliveries"].items():
        say(f"- {mode}: {version}")
    print()
    table = Table(["cell", *modes])
    for cell, found in by_cell.items():
        table.row(cell, *(shown(found[mode]) if mode in found else "–" for mode in modes))
    print()
    say("Of open loops: how much of the rate that was asked for was achieved, with ! where it is less than 99 %.", 0)
    say("Response times of what was delivered; what was rejected, unknown or lost is named.", 0)
    return 0


if __name__ == "__main__":
    sys.exit(main())
