"""Real faults by the command line: what they do to a run over a broker, what the file says of it, what is refused."""

import json
import os
import unittest

import support
from brokers_test import need, run

USUAL = {"--rate": "1000", "--types": "text", "--recover-within": "5s"}
ALL = (
    "2s:reset-connections", "3s:latency,add=20ms,jitter=10ms,for=500ms", "4500ms:bandwidth,limit=50kB/s,for=500ms",
    "6s:blackhole,for=500ms", "7500ms:half-close", "8500ms:slice,for=500ms", "10s:drop-acks,for=500ms",
    "11500ms:pause-broker,for=500ms", "13s:restart-broker", "15s:kill-broker,restart=500ms", "18s:stall-receivers,for=500ms",
)  # fmt: skip
PER_FAULT = ("lost", "recovered", "unknown", "duplicated")


class FaultsTest(support.CliTest):
    def faulted(self, *flags, expected=0):
        given = {flag.split("=")[0] for flag in flags}
        usual = [f"{name}={value}" for name, value in USUAL.items() if name not in given]
        done = run(support.STRESS, "--start-brokers", f"--output={self.path()}", *usual, *flags)
        self.assertEqual(done.returncode, expected, done.stdout + done.stderr)
        (row,) = support.load(self.path())["benchmarks"]
        self.assert_identity(row)
        self.assert_adds_up(row)
        return row, done

    def assert_adds_up(self, row):
        """The faults share out what the ledger has, and the timeline has every message and delivery once."""
        spate = row["spate"]
        for name in PER_FAULT:
            self.assertEqual(sum(fault[name] for fault in spate["faults"]["executed"]), row[name], name)
        timeline = spate["timeline"]
        self.assertGreaterEqual(timeline["slice_ns"], 100_000_000)
        columns = [column for name, column in timeline.items() if name != "slice_ns"]
        self.assertEqual({len(column) for column in columns}, {len(timeline["sent"])})
        self.assertEqual(sum(timeline["sent"]), row["sent"])
        self.assertEqual(sum(timeline["expected"]), row["expected"])
        self.assertEqual(sum(timeline["delivered"]), row["delivered"])
        self.assertEqual(sum(timeline["failed"]), row["failed"] + row["crashed"])
        self.assertEqual(sum(timeline["rejected"]), row["rejected"])

    def assert_lives(self, row):
        liveness = row["spate"]["faults"]["liveness"]
        self.assertTrue(liveness["holds"], liveness)
        self.assertLessEqual(liveness["flows_after_ns"], 5e9)


class Faults(FaultsTest):
    def test_every_kind_strikes_and_nothing_acknowledged_is_lost(self):
        need(self, "redis")
        row, done = self.faulted("--real=redis", "--server-settings=redis.appendonly=always", "--duration=25s",
                                 "--broker-timeout=10s", *(f"--fault={text}" for text in ALL))  # fmt: skip
        executed = row["spate"]["faults"]["executed"]
        self.assertEqual([fault["fault"] for fault in executed], list(ALL))
        self.assertEqual(row["spate"]["cell"]["faults"]["plan"], list(ALL))
        for fault in executed:
            self.assertGreaterEqual(fault["begun_ns"], fault["planned_ns"])
            self.assertGreaterEqual(fault["ended_ns"], fault["begun_ns"])
            self.assertNotIn("trouble", fault)
            self.assertIn(fault["fault"], done.stdout)
        for kind in ("reset-connections", "half-close", "restart-broker", "kill-broker"):
            (fault,) = [fault for fault in executed if fault["kind"] == kind]
            self.assertIsNotNone(fault["detected_after_ns"], f"{kind} breaks connections")
        self.assertEqual(row["lost"], 0)
        self.assert_lives(row)
        self.assertIn("Timeline", done.stdout)

    def test_a_server_that_keeps_nothing_loses_what_it_had_acknowledged(self):
        need(self, "redis")
        # It dies in the middle of a second in which nobody reads: so it has messages that it has acknowledged.
        plan = ("--fault=2s:stall-receivers", "--fault=2500ms:kill-broker,restart=200ms", "--duration=10s")
        row, done = self.faulted("--real=redis", *plan, expected=1)
        self.assertGreater(row["lost"], 100)
        kept, _ = self.faulted("--real=redis", "--server-settings=redis.appendonly=always", *plan)
        self.assertEqual(kept["lost"], 0)
        self.assert_lives(kept)
        self.assertIn("the ledger is broken: lost", done.stderr)
        self.assert_lives(row)

    def test_storm_has_a_pause_and_a_reset_of_its_own(self):
        need(self, "redis")
        row, _ = self.faulted("--real=redis", "--chaos=storm", "--duration=10s")
        kinds = [fault["kind"] for fault in row["spate"]["faults"]["executed"]]
        self.assertEqual(kinds, ["pause-broker", "reset-connections"])
        self.assertEqual(row["lost"], 0)
        self.assertGreater(row["spiked"], 0)
        self.assert_lives(row)

    def test_a_shorter_storm_has_none(self):
        need(self, "redis")
        done = run(support.STRESS, "--start-brokers", "--real=redis", "--chaos=storm", "--duration=0.5s",
                   "--rate=1000", f"--output={self.path()}")  # fmt: skip
        self.assertEqual(done.returncode, 0, done.stderr)
        (row,) = support.load(self.path())["benchmarks"]
        self.assertNotIn("faults", row["spate"])
        self.assertNotIn("faults", row["spate"]["cell"])

    def test_a_file_of_chaos_may_have_them_and_the_seed_decides_when(self):
        need(self, "redis")
        with open(self.path("gale.json"), "w", encoding="utf-8") as file:
            json.dump({"spike": {"rate": 0.1, "max": "2ms"}, "faults": ["1s:reset-connections,spread=500ms"]}, file)
        begun = []
        for seed in (1, 1, 2):
            row, done = self.faulted("--real=redis", f"--chaos=file:{self.path('gale.json')}", "--duration=5s",
                                     "--recover-within=2s", f"--seed={seed}", "--verbose",
                                     f"--trace={self.path('trace.json')}")  # fmt: skip
            (fault,) = row["spate"]["faults"]["executed"]
            self.assertRegex(done.stdout, rf"(?m)^ +{fault['begun_ns'] / 1e9:.3f} s  begins 1\d*[mun]?s:reset-connections$")
            begun.append(fault["planned_ns"])
            (traced,) = [event for event in support.load(self.path("trace.json"))["traceEvents"]
                         if event.get("cat") == "fault"]  # fmt: skip
            self.assertEqual(traced["name"], "reset-connections")
            self.assertEqual(traced["ts"], fault["begun_ns"] / 1000)
        self.assertEqual(begun[0], begun[1])
        self.assertNotEqual(begun[0], begun[2])


class SomebodyElsesServer(FaultsTest):
    def test_is_never_touched(self):
        need(self, "redis")
        script = (
            f'"{support.STRESS}" --real=redis --rate=1000 --duration=10s --types=text --chaos=storm --output="{self.path()}"'
            f' && "{support.STRESS}" --real=redis --rate=1000 --duration=10s --fault=1s:pause-broker'
        )
        done = run(os.environ["SPATE_BROKERS"], "--only=redis", "--", "/bin/sh", "-c", script)
        self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
        self.assertIn("fault '1s:pause-broker': mode 'redis' has no server that was started here", done.stderr)
        (row,) = support.load(self.path())["benchmarks"]
        self.assertEqual([fault["kind"] for fault in row["spate"]["faults"]["executed"]], ["reset-connections"])


class BadInput(support.CliTest):
    def refused(self, *flags):
        done = run(support.STRESS, *flags)
        self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        return done.stderr

    def test_is_refused_before_anything_is_started(self):
        redis = ("--real=redis", "--start-brokers", "--rate=1000")
        for flags, pieces in (
            ((*redis, "--fault=soon:reset-connections"), ("--fault 'soon:reset-connections'", "such as 3s")),
            ((*redis, "--fault=1s:melt"), ("there is no fault 'melt'", "kill-broker, restart-broker")),
            ((*redis, "--fault=1s:bandwidth"), ("give limit=RATE",)),
            ((*redis, "--fault=9s:reset-connections"), ("may end after 9.00 s", "--duration 15s or more")),
            ((*redis, "--fault=1s:kill-broker,restart=5s"), ("every handle has given up", "--broker-timeout")),
            ((*redis, "--fault=1s:kill-broker", "--fault=1500ms:pause-broker"), ("want the broker's process at once",)),
            (("--real=redis", "--start-brokers", "--rate=0", "--fault=1s:slice"), ("a rate above 0",)),
            (("--rate=1000", "--fault=1s:slice"), ("give a mode that has one, such as redis",)),
            (("--real=redis", "--redis=127.0.0.1:1", "--rate=1000", "--fault=1s:kill-broker"), ("has no server that",)),
            (("--real=kafka", "--start-brokers", "--rate=1000", "--fault=1s:kill-broker"), ("a fault of the way",)),
            ((*redis, "--server-settings=redis.appendonly=maybe"), ("appendonly=maybe", "off or everysec or always")),
            ((*redis, "--server-settings=redis.appendonly=always,redis.appendonly=off"),
             ("redis.appendonly is there twice",)),
            ((*redis, "--server-settings=redis"), ("give BROKER.NAME=VALUE",)),
            ((*redis, "--server-settings=nats.storage=file"), ("no server of that kind is started",)),
            ((*redis, "--server-settings=foo.bar=1"), ("there is no broker 'foo'; give one of redis, ",)),
            ((*redis, "--recover-within=soon"), ("--recover-within 'soon'",)),
        ):
            line = self.refused(*flags)
            for piece in pieces:
                self.assertIn(piece, line)


if __name__ == "__main__":
    unittest.main()
