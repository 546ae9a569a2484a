"""The example programs do what they say: SPATE_OWN_QUEUE… with a lane, SPATE_OWN_DELIVERY with a whole delivery."""

import os
import subprocess

import support

OWN_QUEUE = os.environ.get("SPATE_OWN_QUEUE", "")
OWN_QUEUE_BENCH = os.environ.get("SPATE_OWN_QUEUE_BENCH", "")
OWN_QUEUE_CONFORMANCE = os.environ.get("SPATE_OWN_QUEUE_CONFORMANCE", "")
OWN_DELIVERY = os.environ.get("SPATE_OWN_DELIVERY", "")


class OwnQueue(support.CliTest):
    def run_example(self, *flags, program=OWN_QUEUE):
        return subprocess.run(
            [program, *flags], env=support.environment(), stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=support.DEADLINE_SECONDS, check=False,
        )  # fmt: skip

    def test_their_help_calls_them_by_their_names(self):
        for program, usual in ((OWN_QUEUE, "spate_stress"), (OWN_QUEUE_BENCH, "spate_bench"), (OWN_QUEUE_CONFORMANCE, "spate_conformance")):
            told = self.run_example("--help", program=program).stdout
            self.assertRegex(told, rf"\n  {os.path.basename(program)} ")
            self.assertNotIn(f"\n  {usual} ", told)

    def expect_load_carried(self, mode, version, program):
        done = self.run_example(
            f"--real={mode}", "--chaos", "--spike-max=5ms", "--rate=5000", "--duration=0.2s",
            f"--output={self.path()}", program=program,
        )  # fmt: skip
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        result = support.load(self.path())
        (row,) = result["benchmarks"]
        self.assertEqual(row["spate"]["cell"]["mode"], mode)
        self.assertGreater(row["delivered"], 1000)
        self.assertEqual(row["lost"] + row["duplicated"] + row["corrupted"], 0)
        self.assert_identity(row)
        self.assertEqual(result["context"]["deliveries"][mode], version)

    def test_a_lane_carries_the_load_of_a_run(self):
        self.expect_load_carried("mine", "std::queue behind a mutex", OWN_QUEUE)

    def test_a_whole_delivery_carries_the_load_of_a_run(self):
        self.expect_load_carried("own", "deques behind a mutex, messages and all", OWN_DELIVERY)

    def test_it_stands_beside_the_mock(self):
        done = self.run_example("--compare", "--real=mine", "--duration=0.1s", "--rate=1000")
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        self.assertIn("mine against mock over 1 cell: throughput ", " ".join(done.stdout.split()))
        self.assertRegex(done.stdout, r"(?m)^Repeat own_queue --real=mine ")

    def test_it_is_in_the_matrix_and_compares_with_the_queue(self):
        done = self.run_example(
            "--modes=queue,mine", "--rates=2000", "--chaos=on", "--spike-max=5ms", "--agents=9",
            "--duration=0.1s", "--benchmark_filter=^delivery/", f"--benchmark_out={self.path()}",
            program=OWN_QUEUE_BENCH,
        )  # fmt: skip
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        names = [row["name"].split("/")[1] for row in support.load(self.path())["benchmarks"]]
        self.assertEqual(names, ["mode:queue", "mode:mine"])

    def test_it_keeps_its_contract_and_is_what_is_looked_at_unless_told_otherwise(self):
        done = self.run_example(program=OWN_QUEUE_CONFORMANCE)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        self.assertTrue(done.stdout.startswith("mine: std::queue behind a mutex\n  ok "), done.stdout)
        self.assertEqual(done.stdout.count("\n  ok "), 14)

    def test_it_is_named_where_a_real_delivery_is_to_be_chosen(self):
        done = self.run_example("--real=foo")
        self.assertEqual(done.returncode, 2)
        self.assertEqual(done.stderr, "own_queue: --real 'foo': use queue, mutex, boost, tbb, atomic_queue, redis, nats, rabbitmq, kafka, mine; without --real it is the mock\n")


if __name__ == "__main__":
    support.main()
