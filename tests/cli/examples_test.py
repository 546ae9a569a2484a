"""The example programs do what they say. SPATE_OWN_QUEUE names the one with a queue of its own."""

import os
import subprocess

import support

OWN_QUEUE = os.environ.get("SPATE_OWN_QUEUE", "")


class OwnQueue(support.CliTest):
    def run_example(self, *flags):
        return subprocess.run(
            [OWN_QUEUE, *flags], env=support.environment(), stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=support.DEADLINE_SECONDS, check=False,
        )  # fmt: skip

    def test_it_carries_the_load_of_a_run(self):
        done = self.run_example(
            "--real=mutex", "--chaos", "--spike-max=5ms", "--rate=5000", "--duration=0.2s",
            f"--output={self.path()}",
        )  # fmt: skip
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        result = support.load(self.path())
        (row,) = result["benchmarks"]
        self.assertEqual(row["spate"]["cell"]["mode"], "mutex")
        self.assertGreater(row["delivered"], 1000)
        self.assertEqual(row["lost"] + row["duplicated"] + row["corrupted"], 0)
        self.assert_identity(row)
        self.assertEqual(result["context"]["deliveries"]["mutex"], "a deque behind a mutex")

    def test_it_stands_beside_the_mock(self):
        done = self.run_example("--compare", "--real=mutex", "--duration=0.1s", "--rate=1000")
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        self.assertIn("mutex against mock over 1 cell: throughput ", done.stdout)
        self.assertRegex(done.stdout, r"(?m)^Repeat own_queue --real=mutex ")

    def test_it_is_named_where_a_real_delivery_is_to_be_chosen(self):
        done = self.run_example("--real=foo")
        self.assertEqual(done.returncode, 2)
        self.assertEqual(done.stderr, "own_queue: --real 'foo': use queue, redis, nats, rabbitmq, kafka, mutex; without --real it is the mock\n")


if __name__ == "__main__":
    support.main()
