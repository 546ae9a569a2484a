"""What was recorded on one build comes out again on every other: see ci/baselines/README.md."""

import json
import os
import shlex
from concurrent.futures import ThreadPoolExecutor

import support

BASELINES = os.path.join(os.path.dirname(__file__), "..", "..", "ci", "baselines")
# As ci/baseline has it, but for the workers, on which nothing may depend.
CELLS = (
    "--modes=sim", "--chaos=off,on,storm", "--rates=1000,20000,0", "--agents=2,9",
    "--duration=100ms", "--benchmark_filter=^delivery/",
)  # fmt: skip


def replays():
    with open(os.path.join(BASELINES, "replays.txt"), encoding="utf-8") as file:
        return [shlex.split(line) for line in file]


class Baseline(support.CliTest):
    def compare_exactly(self, new):
        return support.run(
            support.COMPARE, "--exact", os.path.join(BASELINES, "sim.json"), self.path(new)
        )

    def test_results_in_virtual_time_are_the_baselines(self):
        for workers in ("1", "3"):
            self.ok(*CELLS, f"--workers={workers}", self.output("new.json"))
            compared = self.compare_exactly("new.json")
            self.assertEqual(compared.returncode, 0, compared.stdout + compared.stderr)
            self.assertIn("18 compared exactly, 0 differ", compared.stdout)

    def test_a_result_that_differs_in_one_number_is_found(self):
        self.ok(*CELLS, "--in-flight-limit=1048575", self.output("other.json"))
        self.assertEqual(self.compare_exactly("other.json").returncode, 5, "other cells")
        self.ok(*CELLS, self.output("new.json"))
        result = support.load(self.path("new.json"))
        next(row for row in result["benchmarks"] if row["spiked"] > 0)["spiked"] += 1
        self.write("changed.json", json.dumps(result))
        changed = self.compare_exactly("changed.json")
        self.assertEqual(changed.returncode, 1, changed.stdout + changed.stderr)
        self.assertIn("spiked", changed.stdout)


class Replays(support.StressTest):
    def test_every_recorded_run_draws_what_it_drew(self):
        runs = replays()
        self.assertGreater(len(runs), 10)
        with ThreadPoolExecutor(2) as pool:
            for _ in pool.map(lambda flags: self.ok(*flags), runs):
                pass

    def test_another_seed_is_told_from_it(self):
        for flags in replays():
            other = [flag for flag in flags if not flag.startswith("--seed=")]
            if "--sim" in flags:
                done = support.run(self.program, *other, "--seed=99")
                self.assertEqual(done.returncode, 1, shlex.join(flags))
                self.assertRegex(done.stderr, r"\Aspate_stress: digest [0-9a-f]{16} is not the exp")

    def test_another_mock_is_told_by_its_own_digest(self):
        done = support.run(self.program, *replays()[0], "--success-rate=0.5")
        self.assertEqual(done.returncode, 1)
        self.assertIn("spate_stress: the mock's digest ", done.stderr)


if __name__ == "__main__":
    support.main()
