"""spate_compare from outside: the process, its two streams and its exit codes.

Usage: compare_cli_test.py PATH_OF_SPATE_COMPARE
"""

import copy
import json
import os
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree

PROGRAM = ""
DEADLINE_SECONDS = 60


def row(mode="mock", rate=1000, **counters):
    name = f"delivery/mode:{mode}/chaos:off/rate:{rate}/agents:9/iterations:500/manual_time"
    cell = {
        "mode": mode,
        "chaos": {"profile": "off", "crash_rate": 0.0, "spike_rate": 0.0},
        "rate": rate,
        "agents": 9,
        "seed": 1,
        "payload_bytes": None,
        "workers": 2,
    }
    if mode == "mock":
        cell["mock"] = {"success_rate": 0.95}
    result = {
        "name": name,
        "run_name": name,
        "run_type": "iteration",
        "repetition_index": 0,
        "iterations": 500,
        "real_time": 5500000.0,
        "cpu_time": 1250.0,
        "time_unit": "ns",
        "expected": 1500,
        "delivered": 1425,
        "failed": 75,
        "crashed": 0,
        "rejected": 0,
        "unknown": 0,
        "lost": 0,
        "duplicated": 0,
        "aliens": 0,
        "anomalies": 0,
        "corrupted": 0,
        "misreported": 0,
        "shed": 0,
        "success_rate": 0.95,
        "messages_per_second": 1000.0,
        "response_ns_mean": 5500000.0,
        "response_ns_p50": 5400000.0,
        "response_ns_p99": 9900000.0,
        "spate": {"cell": cell, "digest": "9f00000000000001"},
    }
    result.update(counters)
    return result


def often(*rows):
    """Each row four times, which is how many it takes for equal sides to be called the same."""
    return [each for each in rows for _ in range(4)]


def steady(middle, name="BM_a"):
    """Ten repetitions of another benchmark, none further than 1 % from the middle."""
    return [
        {"name": name, "real_time": middle * (0.991 + 0.002 * i), "cpu_time": 50, "time_unit": "ns"}
        for i in range(10)
    ]


def results(*rows, interrupted=False):
    return {"context": {"interrupted": interrupted}, "benchmarks": list(rows)}


class CompareCli(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def write(self, name, content):
        path = os.path.join(self.folder, name)
        with open(path, "wb") as file:
            file.write(content if isinstance(content, bytes) else json.dumps(content).encode())
        return path

    def run_program(self, *arguments):
        done = subprocess.run(
            [PROGRAM, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=DEADLINE_SECONDS,
            check=False,
        )
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def compare(self, base, new, *flags):
        return self.run_program(
            *flags, self.write("base.json", base), self.write("new.json", new)
        )

    def expect_refused(self, *arguments):
        code, out, err = self.run_program(*arguments)
        self.assertEqual(code, 2, err)
        self.assertEqual(out, "")
        self.assertRegex(err, r"\Aspate_compare: [^\n]+\n\Z")
        return err

    def test_equal_files_exit_0(self):
        code, out, err = self.compare(results(*often(row())), results(*often(row())), "--all")
        self.assertEqual((code, err), (0, ""))
        self.assertIn("mode:mock chaos:off rate:1000 agents:9", out)
        self.assertIn("+0.0%", out)

    def test_one_run_a_side_exits_3(self):
        code, out, err = self.compare(results(row()), results(row()))
        self.assertEqual((code, err), (3, ""))
        self.assertIn("inconclusive: ", out)

    def test_a_regression_exits_1(self):
        code, out, err = self.compare(results(*steady(100)), results(*steady(150)))
        self.assertEqual((code, err), (1, ""))
        self.assertRegex(out, r"real time +100\.0ns +150\.0ns +\+50\.0%  .*  worse\n")
        self.assertEqual(self.compare(results(*steady(150)), results(*steady(100)))[0], 0)

    def test_several_files_a_side_are_processes(self):
        flags = []
        for number, middle in enumerate([100, 101, 102, 103, 104, 105, 106, 107]):
            for side, factor in (("base", 1), ("new", 1.5)):
                path = self.write(f"{side}{number}.json", results(*steady(factor * middle)))
                flags += [f"--{side}", path]
        code, out, err = self.run_program(*flags)
        self.assertEqual((code, err), (1, ""))
        self.assertNotIn("one process a side", out)
        found = json.loads(self.run_program(*flags, "--paired", "--format", "json")[1])
        self.assertEqual(found["replication"], "process")
        self.assertEqual(found["cells"][0]["metrics"]["real_time"]["runs"], [8, 8])

    def test_modes_of_one_file_exit_0(self):
        path = self.write("run.json", results(row("mock"), row("queue", messages_per_second=500)))
        code, out, _ = self.run_program("--modes", "mock,queue", path)
        self.assertEqual(code, 0)
        self.assertIn("0.50x", out)

    def test_modes_of_two_files_exit_0(self):
        mock = self.write("mock.json", results(row("mock")))
        queue = self.write("queue.json", results(row("queue")))
        self.assertEqual(self.run_program("--modes", "mock,queue", mock, queue)[0], 0)
        self.assertEqual(self.run_program(mock, queue, "--modes=mock,queue")[0], 0)

    def test_bad_usage_exits_2(self):
        path = self.write("run.json", results(row()))
        self.assertIn("--help", self.expect_refused())
        self.assertIn("1 file given", self.expect_refused(path))
        self.assertIn("3 files given", self.expect_refused(path, path, path))
        self.assertIn("expected two modes", self.expect_refused("--modes", "mock", path))
        self.assertIn("twice", self.expect_refused("--modes", "mock,mock", path))
        self.assertIn("have mock", self.expect_refused("--modes", "mock,queue", path))
        self.assertIn("text, markdown, json, junit", self.expect_refused("--format", "xml", path, path))
        self.assertIn("--exact with --modes",
                      self.expect_refused("--exact", "--modes", "sim,mock", path))  # fmt: skip
        for flag, pieces in {
            "--surprise": ("--surprise",),
            "--alpha=abc": ("--alpha is 'abc'", "at most 0.5"),
            "--alpha=0.6": ("--alpha is '0.6'", "at most 0.5"),
            "--alpha=0.1x": ("--alpha is '0.1x'", "at most 0.5"),
        }.items():
            for piece in pieces:
                self.assertIn(piece, told := self.expect_refused(flag, path, path))
            self.assertNotIn("BASE.json", told, "what is wrong is no file")

    def test_what_is_no_file_of_its_kind_is_told_what_would_be(self):
        path = self.write("run.json", results(row()))
        for content in (b"plain text", b"", b'{"a": '):
            wrong = self.write("wrong", content)
            self.assertIn("compare/README.md shows", self.expect_refused("--acknowledge", wrong, path, path))
            self.assertIn("compare/README.md shows", self.expect_refused("--rules", wrong, path, path))
            self.assertIn("verdict of --format json", self.expect_refused("--suspects", wrong, path, path))
        for flag in ("--markdown", "--json", "--junit", "--html"):
            told = self.expect_refused(flag, os.path.join(self.folder, "none", "report"), path, path)
            self.assertIn("cannot write", told)
            self.assertIn("a folder that is there", told)

    def test_unreadable_input_exits_2(self):
        good = self.write("good.json", results(row()))
        contents = {
            "empty": b"",
            "truncated": b'{"benchmarks": [{"name": "a", "real_time": 1',
            "array": b"[]",
            "foreign": b'{"name": "left-pad", "version": "1.0.0"}',
            "deep": b'{"a": ' + b"[" * 100000,
            "utf16": '{"benchmarks": []}'.encode("utf-16"),
            "types": json.dumps(results(row(lost="none"))).encode(),
        }
        for name, content in contents.items():
            with self.subTest(name):
                bad = self.write(name + ".json", content)
                self.assertIn(name + ".json", self.expect_refused(good, bad))
                self.assertIn(name + ".json", self.expect_refused(bad, good))
        self.expect_refused(good, os.path.join(self.folder, "absent.json"))
        self.expect_refused(good, self.folder)

    def test_what_can_be_repaired_is_and_is_said(self):
        text = json.dumps(results(*steady(100))).encode()
        contents = {
            "nan": text.replace(b'"cpu_time": 50', b'"cpu_time": NaN'),
            "huge": text.replace(b'"cpu_time": 50', b'"cpu_time": 1e999'),
            "bytes": text.replace(b"BM_a", b"BM_\xff"),
            "comma": text[:-2] + b",]}",
        }
        for name, content in contents.items():
            with self.subTest(name):
                path = self.write(name + ".json", content)
                code, out, err = self.run_program("--format", "json", path, path)
                self.assertEqual((code, err), (0, ""))
                self.assertIn("repaired at line 1", json.loads(out)["inputs"][0]["notes"][0])

    def test_a_file_that_ends_too_early_exits_3(self):
        whole = self.write("whole.json", results(*steady(100)))
        cut = self.write("cut.json", json.dumps(results(*steady(100))).encode()[:-1])
        code, out, _ = self.run_program(whole, cut)
        self.assertEqual(code, 3)
        self.assertIn("(cut off)\n     ends too early: the 10 rows before that are used", out)

    @unittest.skipIf(os.geteuid() == 0, "root may read everything")
    def test_a_file_without_permission_exits_2(self):
        good = self.write("good.json", results(row()))
        os.chmod(good, 0)
        self.assertIn("ermission", self.expect_refused(good, good))

    def test_a_difference_that_the_seed_does_not_allow_exits_1(self):
        base, new = results(row("sim")), results(row("sim", response_ns_p50=5400001))
        self.assertEqual(self.compare(base, base, "--exact")[0], 0)
        self.assertEqual(self.compare(base, new)[0], 0, "too little to matter")
        code, out, err = self.compare(base, new, "--exact")
        self.assertEqual((code, err), (1, ""))
        self.assertIn("  mode:sim chaos:off rate:1000 agents:9\n"
                      "    response_ns_p50: base 5400000.0, new 5400001\n", out)  # fmt: skip
        found = json.loads(self.compare(base, new, "--exact", "--format=json")[1])
        self.assertEqual((found["exit_code"], found["verdict"]), (1, "regression"))
        (difference,) = found["cells"][0]["exact"]["differences"]
        self.assertEqual((difference["reference"], difference["other"]), (5400000, 5400001))

    def test_nothing_to_demand_exits_3(self):
        shed = results(row(shed=1))
        code, out, _ = self.compare(shed, shed, "--exact")
        self.assertEqual(code, 3)
        self.assertIn("0 compared exactly", out)

    def test_an_interrupted_run_exits_3(self):
        code, out, _ = self.compare(results(row()), results(row(), interrupted=True))
        self.assertEqual(code, 3)
        self.assertIn("inconclusive", out)

    def test_a_broken_invariant_exits_4(self):
        code, out, _ = self.compare(results(row()), results(row(anomalies=2)))
        self.assertEqual(code, 4)
        self.assertIn("anomalies 2", out)

    def test_lost_coverage_exits_5(self):
        code, out, _ = self.compare(results(row(), row(rate=7)), results(row()))
        self.assertEqual(code, 5)
        self.assertIn("Missing in new:\n  mode:mock chaos:off rate:7 agents:9\n", out)

    def test_json_is_one_document_that_says_the_same(self):
        files = results(row(), row(rate=7), row(rate=8, lost=1)), results(row(), row(rate=8))
        code, out, err = self.compare(*files, "--format", "json")
        self.assertEqual((code, err), (4, ""))

        def refuse(word):
            raise AssertionError(f"{word} is no JSON")

        found = json.loads(out, parse_constant=refuse)
        self.assertEqual(found["exit_code"], 4)
        self.assertEqual(found["verdict"], "invariant broken")
        self.assertEqual(len(found["cells"]), 2)
        self.assertEqual([cell["missing_on"] for cell in found["unmatched"]], ["new"])
        self.assertEqual({each["kind"] for each in found["broken_invariants"]}, {"lost", "identity"})
        self.assertIn(found["summary"], " ".join(self.compare(*files)[1].split()))  # in several lines

    def test_json_stays_valid_with_what_has_no_value(self):
        strange = row(messages_per_second=0, response_ns_p99=None)
        out = self.compare(results(strange), results(row()), "--format=json")[1]
        metrics = json.loads(out)["cells"][0]["metrics"]
        self.assertIsNone(metrics["messages_per_second"]["ratio"])
        self.assertIsNone(metrics["response_ns_p99"]["reference"])

    def test_json_stays_valid_with_a_path_that_is_not_utf8(self):
        path = os.path.join(os.fsencode(self.folder), b"\xff.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(results(row()), file)
        for form in ("json", "junit", "markdown"):
            code, out, err = self.run_program("--format", form, path, path)
            self.assertEqual((code, err), (3, ""))
            self.assertNotEqual(out, "")

    def test_junit_is_xml_that_counts_right(self):
        name = "BM_<a> & \"b\" \x01 \uffff \u00e9"
        base = results(*steady(100, name), *steady(100), *steady(100, "BM_gone"), row(rate=7))
        new = results(*steady(150, name), *steady(100), row(rate=7, lost=1))
        code, out, err = self.compare(base, new, "--format", "junit")
        self.assertEqual((code, err), (4, ""))
        suite = xml.etree.ElementTree.fromstring(out).find("testsuite")
        cases = suite.findall("testcase")
        self.assertEqual(int(suite.get("tests")), len(cases))
        for count, element in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            found = [case for case in cases if case.find(element) is not None]
            self.assertEqual(int(suite.get(count)), len(found), count)
        failed = {(case.get("classname"), case.get("name")) for case in cases
                  if case.find("failure") is not None}  # fmt: skip
        delivery = "mode:mock chaos:off rate:7 agents:9"
        self.assertEqual(
            failed,
            {
                ("BM_<a> & \"b\" ? ? \u00e9", "real_time"),
                ("BM_gone", "has a partner"),
                (delivery, "invariant lost [new]"),
                (delivery, "invariant identity [new]"),
            },
        )

    def test_reports_are_written_besides(self):
        base, new = self.write("b", results(*steady(100))), self.write("n", results(*steady(150)))
        paths = [os.path.join(self.folder, name) for name in ("a.md", "a.json", "a.xml")]
        flags = [each for pair in zip(("--markdown", "--json", "--junit"), paths) for each in pair]
        code, out, err = self.run_program(*flags, base, new)
        self.assertEqual((code, err), (1, ""))
        self.assertIn("regression: ", out)
        self.assertEqual(sorted(os.listdir(self.folder)), ["a.json", "a.md", "a.xml", "b", "n"])
        with open(paths[1], encoding="utf-8") as file:
            self.assertEqual(json.load(file)["exit_code"], 1)

    def test_inputs_are_not_changed(self):
        content = results(row())
        path = self.write("run.json", copy.deepcopy(content))
        self.run_program(path, path)
        with open(path, encoding="utf-8") as file:
            self.assertEqual(json.load(file), content)

    def test_help_explains_forms_and_exit_codes(self):
        code, out, err = self.run_program("--help")
        self.assertEqual((code, err), (0, ""))
        for part in ("--modes mock,queue", "--exact", "--format", "Exit codes", "inconclusive", "coverage"):
            self.assertIn(part, out)

    @unittest.skipUnless(os.path.exists("/dev/full"), "needs /dev/full")
    def test_a_report_that_cannot_be_written_exits_2(self):
        path = self.write("run.json", results(row()))
        with open("/dev/full", "wb") as full:
            done = subprocess.run(
                [PROGRAM, path, path],
                stdout=full,
                stderr=subprocess.PIPE,
                timeout=DEADLINE_SECONDS,
                check=False,
            )
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"cannot write", done.stderr)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    PROGRAM = sys.argv.pop(1)
    unittest.main()
