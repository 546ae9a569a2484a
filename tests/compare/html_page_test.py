"""Pages of reports in a browser: charts are drawn, their numbers are those of the result file, and nothing is
fetched, runs that should not, or is wider than the screen.

Usage: html_page_test.py SPATE_COMPARE SPATE_STRESS CHROMIUM
"""

import base64
import itertools
import json
import math
import os
import re
import statistics
import subprocess
import sys
import tempfile
import unittest
import zlib

from chromium import Chromium

COMPARE = STRESS = CHROMIUM = ""
RATES = {"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9}
EVIL = "BM_</script><script>window.evil=1</script><img src=http://127.0.0.1:9/x onerror=window.evil=1>&\"'\u2028"

# The charts as Chart.js has them, and of which lines nothing of their colour stands on the canvas.
CHARTS = """Object.fromEntries([...document.querySelectorAll("figure")].map((figure) => {
  const canvas = figure.querySelector("canvas");
  if (!canvas) { return [figure.querySelector("strong").textContent, null]; }
  const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  const colours = new Set();
  for (let at = 0; at < pixels.length; at += 4) {
    if (pixels[at + 3] === 255) { colours.add(pixels[at] << 16 | pixels[at + 1] << 8 | pixels[at + 2]); }
  }
  const chart = Chart.getChart(canvas);
  const isMissing = (line) => !colours.has(parseInt(line.borderColor.slice(1), 16));
  return [figure.querySelector("strong").textContent, {
    missing: chart.data.datasets.filter(isMissing).map((line) => line.label),
    lines: Object.fromEntries(chart.data.datasets.map((line) => [line.label, line.data])),
    labels: chart.data.labels,
  }];
}))"""
# Of each table in a figure its rows, with the head.
TABLES = """Object.fromEntries([...document.querySelectorAll("figure table")].map((table) =>
  [table.closest("figure").querySelector("strong").textContent + ": " + table.caption.textContent,
   [...table.rows].map((row) => [...row.cells].map((cell) => cell.textContent))]))"""
ALL_DRAWN = "[...document.querySelectorAll('figure')].every((one) => !one.checkVisibility() || one.querySelector('canvas'))"
WIDTH = "document.documentElement.scrollWidth"


def run(*command, code=0):
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode != code:
        raise AssertionError(f"{command}: exit {done.returncode}\n{done.stderr}")
    return done.stdout


def histogram(text):
    """(value, count) of an HdrHistogram V2, with values as its highest equivalents; written from its
    format, and from nothing of ours."""
    outer = base64.b64decode(text)
    assert int.from_bytes(outer[:4], "big") & ~0xF0 == 0x1C849304
    data = zlib.decompress(outer[8:])
    length = int.from_bytes(data[4:8], "big")
    digits = int.from_bytes(data[12:16], "big")
    lowest = int.from_bytes(data[16:24], "big")
    bits = math.ceil(math.log2(2 * 10**digits))
    half = 1 << (bits - 1)
    shift = int(math.log2(lowest))
    counts, index, at = [], 0, 40
    while at < 40 + length:
        word, step = 0, 0
        while True:
            byte = data[at]
            at += 1
            if step == 56:
                word |= byte << 56
                break
            word |= (byte & 0x7F) << step
            step += 7
            if not byte & 0x80:
                break
        word = (word >> 1) ^ -(word & 1)
        if word < 0:
            index -= word
            continue
        if word:
            bucket, sub = index // half - 1, index % half + half
            if bucket < 0:
                bucket, sub = 0, sub - half
            counts.append((((sub + 1) << (bucket + shift)) - 1, word))
        index += 1
    return counts


def quantile(row, q):
    counts = histogram(row["spate"]["response_histogram"])
    rank = max(1, math.ceil(q * sum(count for _, count in counts)))
    for value, count in counts:
        rank -= count
        if rank <= 0:
            return min(value, row["response_ns_max"])
    raise AssertionError("beyond the last")


def ns(text):
    """Of "5.512ms"; None of "-"."""
    found = re.fullmatch(r"([\d.e+-]+)(ns|us|ms|s)", text)
    return float(found[1]) * RATES[found[2]] if found else None


class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.browser = Chromium(CHROMIUM)
        cls.addClassCleanup(cls.browser.close)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def written(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        return self.path(name)

    def stressed(self, *flags, code=0):
        """A page of spate_stress, and the rows of its result file."""
        result, page = self.path("run.json"), self.path("run.html")
        run(STRESS, *flags, f"--output={result}", f"--report={page}", code=code)
        with open(result, encoding="utf-8") as file:
            return page, json.load(file)["benchmarks"]

    def compared(self, *arguments, code=0):
        return self.written("compared.html", run(COMPARE, "--format=html", *arguments, code=code))

    def open(self, page, width=1280, dark=False, scripts=True):
        """Scrolls through it as well, as charts are drawn when they are seen."""
        browser = self.browser
        browser.set_scripts(scripts)
        browser.resize(width, 5000, width < 600)
        browser.set_dark(dark)
        browser.open(page)
        if scripts:
            browser.evaluate("document.querySelectorAll('.fold').forEach((fold) => { fold.open = true; })")
            height = browser.evaluate("document.documentElement.scrollHeight")
            for top in range(0, height + 20000, 4000):
                browser.evaluate(f"window.scrollTo(0, {top}); new Promise((seen) => requestAnimationFrame(() => setTimeout(seen, 0)))")
            browser.wait_for(ALL_DRAWN)
        self.assertEqual(browser.requests(), [f"file://{page}"])
        self.assertEqual(browser.complaints(), [])

    def assert_drawn(self, figures):
        for title, figure in figures.items():
            self.assertIsNotNone(figure, title)
            self.assertEqual(figure["missing"], [], title)

    def test_numbers_are_those_of_the_file(self):
        page, (row,) = self.stressed("--sim", "--chaos=storm", "--rate=2000", "--duration=3s", "--agents=30")
        self.open(page)
        figures = self.browser.evaluate(CHARTS)
        tables = self.browser.evaluate(TABLES)
        self.assert_drawn(figures)

        drawn = figures["Latency by percentile"]["lines"]
        listed = tables["Latency by percentile: Latency by percentile"][1:]
        self.assertGreater(len(listed), 12)
        for point, (name, response, _) in zip(drawn["response"], listed, strict=True):
            wanted = quantile(row, 1 - 1 / point["x"])
            self.assertEqual(point["y"], wanted, name)
            self.assertAlmostEqual(ns(response) / wanted, 1, delta=6e-4, msg=name)
            self.assertEqual(name, "min" if point["x"] == 1 else f"p{100 - 100 / point['x']:.7g}")
        service = {point["x"]: point["y"] for point in drawn["service"]}
        self.assertEqual([service[2], service[10], service[100], service[1000]],
                         [row[f"service_ns_{name}"] for name in ("p50", "p90", "p99", "p999")])  # fmt: skip
        self.assertEqual(max(service.values()), row["service_ns_max"])

        windows = row["spate"]["windows"]
        for name in ("p50", "p99"):
            line = figures["Response time over the run"]["lines"][name]
            self.assertEqual([point["y"] for point in line], [w[f"response_ns_{name}"] for w in windows])
            self.assertEqual([point["x"] for point in line], [(2 * i + 1) * 1.5e8 for i in range(10)])
        happened = tables["Response time over the run: What happened meanwhile"][1:]
        self.assertEqual(sum(int(mark[2]) for mark in happened), len(row["spate"]["chaos_events"]["events"]))

        slowest = sorted(row["spate"]["agents"], key=lambda agent: -agent["response_ns_p99"])[:20]
        bars = figures["Response time by agent"]
        self.assertEqual(bars["lines"]["p99"], [agent["response_ns_p99"] for agent in slowest])
        self.assertEqual(dict(zip(bars["labels"], bars["lines"]["mean"])),
                         {a["name"]: a["response_ns_mean"] for a in slowest})  # fmt: skip
        success = figures["Success by agent"]
        self.assertEqual(dict(zip(success["labels"], success["lines"]["success"])),
                         {a["name"]: a["success_rate"] for a in slowest})  # fmt: skip

    def test_ratios_of_modes_are_those_of_spate_compare(self):
        page, rows = self.stressed("--compare", "--rate=2000", "--duration=1s", "--chaos")
        self.open(page)
        figures = self.browser.evaluate(CHARTS)
        self.assert_drawn(figures)
        ratios = figures["queue against mock"]["lines"]
        for name, counter in (("throughput", "messages_per_second"), ("p99 response", "response_ns_p99")):
            self.assertAlmostEqual(ratios[name][0]["x"], rows[1][counter] / rows[0][counter], places=9)
        for mode, row in zip(("mock", "queue"), rows):
            for point in figures["Latency by percentile"]["lines"][f"{mode} response"]:
                self.assertEqual(point["y"], quantile(row, 1 - 1 / point["x"]), mode)

    def test_a_search_is_drawn_by_its_steps(self):
        result = self.path("search.json")
        run(STRESS, "--sim", "--servers=1", "--latency=exponential:mean=1ms", "--success-rate=1", "--types=text",
            "--arrivals=poisson", "--duration=2s", "--find-rate=p99.9<50ms,lost=0", f"--output={result}")  # fmt: skip
        with open(result, encoding="utf-8") as file:
            *steps, answer = json.load(file)["benchmarks"]
        self.open(self.compared(result))
        figures = self.browser.evaluate(CHARTS)
        self.assert_drawn(figures)
        self.assertEqual(list(figures), ["p99.9 by rate"])
        rates = sorted({step["spate"]["cell"]["rate"] for step in steps})
        for name, holds in (("steps that held", True), ("steps that did not", False)):
            values = [[step["spate"]["step"]["values"]["p99.9"] for step in steps
                       if step["spate"]["cell"]["rate"] == rate and step["spate"]["step"]["holds"] == holds] for rate in rates]  # fmt: skip
            drawn = {point["x"]: point["y"] for point in figures["p99.9 by rate"]["lines"][name]}
            self.assertEqual(drawn, {at: statistics.median(some) for at, some in enumerate(values) if some})
        listed = self.browser.evaluate(
            "[...[...document.querySelectorAll('table')].find((table) => table.caption.textContent === 'Every step, as it was run').rows]"
            ".map((row) => [...row.cells].map((cell) => cell.textContent))")  # fmt: skip
        self.assertEqual([row[1] for row in listed[1:]], [f"{step['spate']['cell']['rate']}/s" for step in steps])
        for row, step in zip(listed[1:], steps, strict=True):
            self.assertAlmostEqual(ns(row[4]) / step["response_ns_p99"], 1, delta=6e-4)
            self.assertEqual(row[-1] == "holds", step["spate"]["step"]["holds"])
        told = answer["spate"]["answer"]
        self.assertEqual(
            self.browser.evaluate("Object.fromEntries([...document.querySelectorAll('.key div')].map((one) => [...one.children].map((part) => part.textContent)))"),
            {"objective": "p99.9<50ms,lost=0", "highest rate": f"{told['rate']}/s",
             "interval": f"{told['rate']}/s to {told['fails']}/s", "steps": str(told["steps"])})  # fmt: skip
        self.open(self.compared(result), width=390)
        self.assertLessEqual(self.browser.evaluate(WIDTH), 390)
        ticks = self.browser.evaluate("""(() => {
          const { ctx, scales: { x } } = Chart.getChart(document.querySelector("canvas"));
          ctx.font = "11px sans-serif";
          return x.ticks.map(({ value, label }) => [x.getPixelForValue(value), ctx.measureText([label].flat()[0]).width]);
        })()""")
        self.assertGreater(len(ticks), 2)
        for (left, one), (right, other) in itertools.pairwise(ticks):
            self.assertGreater(right - left, (one + other) / 2, "labels lie upon each other")

    def verdicts(self):
        def side(factor):
            rows = [{"name": "BM_a", "real_time": factor * (0.99 + 0.002 * i), "cpu_time": 50, "time_unit": "ns"} for i in range(10)]
            return self.written(f"{factor}.json", json.dumps({"context": {}, "benchmarks": rows}))

        return side(100), side(150)

    def test_verdicts_are_those_of_the_json_report(self):
        files = self.verdicts()
        self.open(self.compared(*files, code=1))
        figure = self.browser.evaluate(CHARTS)["Changes"]
        self.assert_drawn({"Changes": figure})
        told = json.loads(run(COMPARE, "--format=json", *files, code=1))["cells"][0]["metrics"]["real_time"]
        (point,) = figure["lines"]["worse"]
        for ours, its in (("x", "change"), ("low", "low"), ("high", "high")):
            self.assertAlmostEqual(point[ours], told[its] + 1, places=9)
        self.assertEqual(list(figure["lines"]), ["worse", "same"])
        listed = self.browser.evaluate(TABLES)["Changes: Changes"][1][3]
        told = self.browser.evaluate("""(() => {
          const chart = Chart.getChart(document.querySelector("canvas"));
          chart.tooltip.setActiveElements([{ datasetIndex: 0, index: 0 }], { x: 0, y: 0 });
          chart.update();
          return chart.tooltip.body[0].lines[0];
        })()""")
        self.assertEqual(told, f"worse: {listed}")

    def test_it_fits_a_phone(self):
        page, _ = self.stressed("--compare", "--rate=1000", "--duration=0.5s", "--chaos")
        for dark in (False, True):
            self.open(page, width=390, dark=dark)
            self.assertLessEqual(self.browser.evaluate(WIDTH), 390)
            self.assert_drawn(self.browser.evaluate(CHARTS))
        self.browser.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        self.assertLessEqual(self.browser.evaluate(WIDTH), 390, "with all tables")
        self.open(self.compared(*self.verdicts(), code=1), width=390)
        self.assertLessEqual(self.browser.evaluate(WIDTH), 390)

    def test_it_is_dark_where_the_reader_is(self):
        page, _ = self.stressed("--sim", "--duration=1s")
        look = "[getComputedStyle(document.body).backgroundColor, Chart.getChart(document.querySelector('canvas')).data.datasets[0].borderColor]"
        self.open(page)
        light = self.browser.evaluate(look)
        self.browser.set_dark(True)  # while it is open: the charts are drawn anew
        self.browser.wait_for(f"{look}[1] !== {json.dumps(light[1])}")
        dark = self.browser.evaluate(look)

        def brightness(colour):
            return sum(int(part) for part in re.findall(r"\d+", colour)[:3])

        self.assertGreater(brightness(light[0]), 600)
        self.assertLess(brightness(dark[0]), 150)
        self.browser.evaluate("window.dispatchEvent(new Event('beforeprint'))")  # paper is white
        self.assertEqual(self.browser.evaluate(look), light)
        self.browser.evaluate("window.dispatchEvent(new Event('afterprint'))")
        self.assertEqual(self.browser.evaluate(look), dark)

    def test_what_is_pointed_at_is_told_in_the_words_of_the_table(self):
        page, _ = self.stressed("--compare", "--rate=1000", "--duration=0.5s", "--chaos=storm")
        for one in (page, self.compared(*self.verdicts(), code=1)):
            self.open(one)
            listed = self.browser.evaluate(TABLES)
            told = self.browser.evaluate("""[...document.querySelectorAll("canvas")].flatMap((canvas) => {
              const chart = Chart.getChart(canvas);
              const figure = canvas.closest("figure").querySelector("strong").textContent;
              return chart.data.datasets.flatMap((line, datasetIndex) => line.data.flatMap((point, index) => {
                if ((point?.y ?? point) === null || point?.x === null) { return []; }
                const { x, y } = chart.getDatasetMeta(datasetIndex).data[index].getCenterPoint();
                chart.tooltip.setActiveElements([{ datasetIndex, index }], { x, y });
                chart.update();
                return [[figure, line.label, chart.tooltip.title[0], chart.tooltip.body[0].lines[0]]];
              }));
            })""")
            self.assertEqual(self.browser.complaints(), [])
            self.assertGreater(len(told), 1)
            for title, line, place, value in told:
                head, *rows = listed[f"{title}: {title}"]
                column = head.index(line if line in head else "change (95 % interval)")  # which verdicts share
                (text,) = [row[column] for row in rows if row[0] == place]
                self.assertEqual(value, f"{line}: {text}", (title, place))

    def test_on_paper_every_table_is_unfolded(self):
        page, _ = self.stressed("--compare", "--rate=1000", "--duration=0.5s", "--chaos")
        self.open(page)
        self.browser.evaluate("document.querySelectorAll('.fold').forEach((fold) => { fold.open = false; })")
        shown = "[...document.querySelectorAll('figure table')].filter((table) => table.checkVisibility()).length"
        self.assertEqual(self.browser.evaluate(shown), 0)
        self.browser.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        self.assertEqual(self.browser.evaluate(shown), self.browser.evaluate("document.querySelectorAll('figure table').length"))
        self.assert_drawn(self.browser.evaluate(CHARTS))
        self.browser.evaluate("window.dispatchEvent(new Event('afterprint'))")
        self.assertEqual(self.browser.evaluate(shown), 0)
        self.assertEqual(self.browser.evaluate("document.querySelectorAll('.fold[open]').length"), 0)

    def test_without_scripts_it_has_all_tables(self):
        page, (row,) = self.stressed("--sim", "--chaos", "--duration=1s")
        self.open(page, scripts=False)
        # Only the page's own scripts are off, and not what asks here.
        shown = "[...document.querySelectorAll('figure table')].filter((table) => table.checkVisibility()).length"
        self.assertEqual(self.browser.evaluate(shown), 5)
        self.assertEqual(self.browser.evaluate("document.querySelectorAll('canvas').length"), 0)
        listed = self.browser.evaluate(TABLES)["Response time by agent: Response time by agent"]
        self.assertEqual(len(listed), 1 + len(row["spate"]["agents"]))

    def test_each_chart_has_its_table_and_its_name(self):
        page, _ = self.stressed("--sim", "--chaos", "--duration=1s")
        self.open(page)
        self.assertEqual(self.browser.evaluate(
            "[...document.querySelectorAll('figure')].filter((one) => !one.querySelector('table caption') || "
            "!one.querySelector('th[scope=row]') || !one.querySelector('th[scope=col]') || "
            "!one.querySelector('canvas[role=img]').ariaLabel).length"), 0)  # fmt: skip

    def test_names_are_text_and_the_policy_is_in_force(self):
        rows = [{"name": EVIL, "real_time": 100 + i, "cpu_time": 50, "time_unit": "ns"} for i in range(4)]
        page = self.compared(self.written("evil.json", json.dumps({"context": {"cpu_model": EVIL}, "benchmarks": rows})))
        self.open(page)
        self.assertIsNone(self.browser.evaluate("window.evil"))
        self.assertEqual(self.browser.evaluate("document.querySelectorAll('img').length"), 0)
        (figure,) = self.browser.evaluate(CHARTS).values()
        self.assertEqual(figure["labels"], [EVIL])
        # What comes in all the same is kept out: a picture, a style, scripts, a request.
        self.browser.evaluate("""(() => {
          window.refused = new Set();
          document.addEventListener("securitypolicyviolation", (event) => window.refused.add(event.effectiveDirective));
          document.body.insertAdjacentHTML("beforeend", "<img src='http://127.0.0.1:9/x'><b style='color: red' onclick='window.evil=1'>b</b>");
          document.body.lastChild.click();
          const script = document.createElement("script");
          script.textContent = "window.evil = 1";
          document.body.append(script);
          fetch("http://127.0.0.1:9/x").catch(() => {});
        })()""")
        for kind in ("img-src", "style-src-attr", "script-src-attr", "script-src-elem", "connect-src"):
            self.browser.wait_for(f"window.refused.has('{kind}')")
        self.assertIsNone(self.browser.evaluate("window.evil"))


def main():
    global COMPARE, STRESS, CHROMIUM
    COMPARE, STRESS, CHROMIUM = sys.argv[1:4]
    unittest.main(argv=sys.argv[:1], verbosity=1)


if __name__ == "__main__":
    main()
