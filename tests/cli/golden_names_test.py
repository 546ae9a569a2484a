"""The names of the benchmarks are a data contract: files of two versions are joined by them."""

import difflib
import os

import support

GOLDEN = os.path.join(os.path.dirname(__file__), "..", "bench", "golden_names.txt")


class GoldenNames(support.CliTest):
    def assert_golden(self, *flags):
        with open(GOLDEN, encoding="utf-8") as file:
            golden = file.read()
        listed = self.ok("--benchmark_list_tests", *flags).stdout
        if listed != golden:
            diff = difflib.unified_diff(
                golden.splitlines(), listed.splitlines(), "golden_names.txt", "listed", lineterm=""
            )
            self.fail("names have changed; if that is meant, update the file:\n" + "\n".join(diff))

    def test_names_are_the_golden_ones(self):
        self.assert_golden()

    def test_names_do_not_depend_on_workers_or_seed(self):
        self.assert_golden("--workers", "1")
        self.assert_golden("--workers", "7", "--seed", "99", "--success-rate", "0.5")

    def test_no_name_is_there_twice(self):
        names = self.ok("--benchmark_list_tests").stdout.splitlines()
        self.assertEqual(len(names), len(set(names)))

    def test_axes_are_the_names(self):
        names = self.ok(
            "--benchmark_list_tests=true", "--benchmark_filter=^delivery/",
            "--modes=queue", "--chaos=on", "--rates=7", "--agents=3", "--duration=2s",
        ).stdout  # fmt: skip
        self.assertTrue(
            names.startswith("delivery/mode:queue/chaos:on/rate:7/agents:3/iterations:14/"), names
        )

    def test_a_listing_runs_nothing_and_writes_no_file(self):
        self.ok("--benchmark_list_tests", f"--benchmark_out={self.path()}")
        self.assertEqual(os.listdir(self.folder), [])


if __name__ == "__main__":
    support.main()
