"""The page of spate_stress --report: whole or not at all, also of what was stopped, and in no other file's place."""

import json
import os
import re
import signal
import subprocess

import support


class Page(support.StressTest):
    def page(self, *flags, code=0):
        """What is written, with the program's whole output."""
        done = support.run(self.program, *flags, f"--report={self.path('page.html')}")
        self.assertEqual(done.returncode, code, done.stderr)
        return self.written(), done

    def written(self):
        with open(self.path("page.html"), encoding="utf-8") as file:
            text = file.read()
        self.assertTrue(text.startswith("<!DOCTYPE html>"))
        self.assertTrue(text.endswith("</html>\n"))
        return text

    def assert_has(self, page, text):
        self.assertTrue(text in page, f"the page has no '{text}'")  # and is too long to be shown

    def test_needs_no_result_file(self):
        page, done = self.page("--sim", "--duration=1s")
        self.assert_has(page, "<h1>sim, no chaos, 100/s, 9 agents</h1>")
        self.assert_has(page, "Nothing was lost, duplicated or damaged.")
        self.assertEqual(os.listdir(self.folder), ["page.html"])
        self.assertIn("\nRepeat ", done.stdout)
        self.assertNotIn("page.html", done.stdout, "what repeats the run writes no page")

    def test_of_a_comparison_has_both(self):
        page, _ = self.page("--compare", "--rate=1000", "--duration=0.2s")
        self.assert_has(page, "<h1>queue against mock</h1>")
        self.assert_has(page, "<caption>queue against mock</caption>")

    def test_of_a_search_has_its_answer_and_its_steps(self):
        search = ("--sim", "--servers=1", "--latency=exponential:mean=1ms", "--duration=2s", "--seed=3", "--find-rate=p99<50ms")
        page, done = self.page(*search, self.output())
        rate = re.search(r"(?m)^ ?Highest rate with p99<50ms: ([\d,]+)/s", done.stdout)[1]
        self.assert_has(page, f"{rate}/s")
        with open(self.path("result.json"), encoding="utf-8") as file:
            steps = [row for row in json.load(file)["benchmarks"] if "step" in row.get("spate", {})]
        self.assertGreater(len(steps), 10)
        for row in steps:
            self.assert_has(page, f"{row['rate_asked']}/s")
        self.assertNotIn("page.html", done.stdout, "what repeats the search writes no page")

    def test_does_not_change_how_the_run_ends(self):
        digest = "--expect-digest=0123456789abcdef"
        self.page("--sim", "--duration=1s", digest, code=1)

    def stopped(self, begun, *flags):
        process = subprocess.Popen(
            [self.program, *flags, f"--report={self.path('page.html')}", self.output()],
            env=support.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        support.wait_for(lambda: begun() and support.thread_count(process) > 1, "the workers", process)
        self.assertFalse(os.path.exists(self.path("page.html")), "before the end")
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=support.DEADLINE_SECONDS)
        self.assertEqual(process.returncode, 3)
        self.assertEqual(sorted(os.listdir(self.folder)), ["page.html", "result.json"])
        return self.written()

    def test_of_a_run_that_was_stopped_has_what_there_is(self):
        page = self.stopped(lambda: True, "--rate=1000", "--duration=1h")
        self.assert_has(page, "Interrupted: this is of the part that was run.")
        self.assert_has(page, "<caption>What came of it</caption>")
        self.assertFalse("Broken:" in page)

    def test_of_a_comparison_that_was_stopped_has_the_first_run_whole(self):
        page = self.stopped(lambda: support.finished_rows(self.path()), "--compare", "--rate=0", "--messages=1000000",
                            "--types=text", "--payload-bytes=65536", "--min-latency=0", "--max-latency=0")  # fmt: skip
        self.assert_has(page, "Interrupted: this is of the part that was run.")
        self.assert_has(page, "<td>1000000</td>")

    def test_that_cannot_be_written_costs_nothing_else(self):
        done = support.run(self.program, "--sim", "--duration=1s", "--report=/dev/full", self.output())
        self.assertEqual(done.returncode, 2)
        self.assertRegex(done.stderr, r"\Aspate_stress: --report '/dev/full' cannot [^\n]+\n\Z")
        self.assertIn("\nRepeat ", done.stdout)
        self.assertFalse(support.load(self.path())["context"]["interrupted"])

    def test_in_a_bad_place_is_refused(self):
        self.assert_refused(["--report="], "--report ''")
        self.assert_refused(["--report=none/r.html"], "none/r.html", "cannot be written")
        self.assert_refused(["--report=./r", "--output=r"], "--report './r'", "two files")
        self.assert_refused(["--report=./r", "--trace=r"], "--report './r'", "two files")
        self.assert_refused(["--report=/dev/stdout"], "'/dev/stdout'", "goes there", "report.html")
        says = self.write("says.txt", "text: one\n")
        self.assert_refused([f"--report={says}", f"--templates={says}"], "--templates reads that file")
        os.mkfifo(self.path("pipe"))
        self.assert_refused(["--report=pipe"], "--report 'pipe'", "report.html")


if __name__ == "__main__":
    support.main()
