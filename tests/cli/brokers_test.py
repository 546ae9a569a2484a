"""Runs over brokers, and over none, by the programs' command lines. SPATE_BROKERS names the program that starts servers."""

import os
import pathlib
import signal
import socket
import subprocess

import support

BROKERS = os.environ.get("SPATE_BROKERS", "")
VARIABLES = {name: f"SPATE_{name.upper()}_URL" for name in ("redis", "nats", "rabbitmq", "kafka")}
SECRET = "open-sesame"


def without_brokers(**extra):
    """The environment without addresses that a developer may have set."""
    kept = {k: v for k, v in support.environment().items() if k not in VARIABLES.values()}
    kept.update(extra)
    return kept


def run(program, *flags, **variables):
    return support.run(program, *flags, env=without_brokers(**variables))


def need(test, name):
    """Ends the test where that server cannot be started: it fails in CI, where all of them have to be."""
    if name == "kafka":  # its stand-in needs no server, and lives in the program that uses it
        done = run(support.STRESS, "--real=kafka", "--start-brokers", "--duration=0.1s")
    else:
        done = run(BROKERS, f"--only={name}", "--", "true")
    if done.returncode != 0:
        if os.environ.get("CI") == "true":
            test.fail(done.stderr)
        test.skipTest(done.stderr.strip())


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def listens(port):
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def processes_with(text):
    """The processes that have this in their command line."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes().decode(errors="replace")
            except OSError:
                continue
            if text in words:
                found.append(int(entry.name))
    return found


class EveryBroker(support.CliTest):
    def expect_run(self, name):
        need(self, name)
        done = run(support.STRESS, f"--real={name}", "--start-brokers", "--rate=2000", "--duration=0.5s",
                   "--chaos", "--spike-max=5ms", f"--output={self.path()}")  # fmt: skip
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        result = support.load(self.path())
        (row,) = result["benchmarks"]
        self.assertEqual(row["spate"]["cell"]["mode"], name)
        self.assertGreater(row["delivered"], 1000)
        self.assertEqual([row[c] for c in ("lost", "unknown", "duplicated", "corrupted", "aliens", "rejected")], [0] * 6)
        self.assert_identity(row)
        version = result["context"]["deliveries"][name]
        self.assertIn(f"{name}: {version}\n", done.stdout.replace("\n    ", " "))  # a long one takes two lines
        self.assertNotIn("troubles", row["spate"])
        # The same plan and seed draw the same everywhere.
        repeat = next(line for line in done.stdout.splitlines() if line.startswith("Repeat "))
        self.assertIn(f" --real={name} --start-brokers ", repeat)
        mock = run(support.STRESS, "--sim", "--rate=2000", "--duration=0.5s", "--chaos", "--spike-max=5ms",
                   f"--expect-digest={row['spate']['digest']}")  # fmt: skip
        self.assertEqual((mock.returncode, mock.stderr), (0, ""))
        return version

    def test_redis(self):
        self.assertRegex(self.expect_run("redis"), r"^redis [0-9.]+, appendonly no$")

    def test_nats(self):
        self.assertRegex(self.expect_run("nats"), r"^nats-server [0-9.]+, storage file, replicas 1, fsync as the server is set, ")

    def test_rabbitmq(self):
        self.assertRegex(self.expect_run("rabbitmq"), r"^rabbitmq [0-9.]+, durable classic queues, persistent messages$")

    def test_kafka(self):
        self.assertRegex(
            self.expect_run("kafka"),
            r"^kafka, librdkafka [0-9.]+'s mock cluster, a stand-in: nothing is stored; acks all, idempotence yes$",
        )


class References(support.CliTest):
    def test_a_refused_message_is_not_measured(self):
        need(self, "nats")
        port = free_port()
        settings = self.path("server.conf")
        pathlib.Path(settings).write_text("jetstream: { max_file_store: 40KB }\n")
        words = ["nats-server", "--addr=127.0.0.1", f"--port={port}", f"--config={settings}", f"--store_dir={self.path('store')}"]
        with subprocess.Popen(words, stderr=subprocess.DEVNULL) as server:
            try:
                support.wait_for(lambda: listens(port), "nats-server", server)
                done = run(support.BENCH, "--modes=nats", f"--nats=nats://127.0.0.1:{port}", "--duration=0.1",
                           "--benchmark_filter=^reference/")  # fmt: skip
            finally:
                server.terminate()
        self.assertEqual(done.returncode, 1)
        for loop in ("publish", "deliver"):
            self.assertRegex(done.stderr, f"reference/{loop}_nats.*: the stream refused [0-9]+ of [0-9]+ messages; look at its limits")


class Addresses(support.CliTest):
    def test_come_from_the_environment_or_a_flag(self):
        need(self, "redis")
        inner = f'"{support.STRESS}" --real=redis --duration=0.1s'
        by_environment = run(BROKERS, "--only=redis", "--", "sh", "-c", inner)
        self.assertEqual((by_environment.returncode, by_environment.stderr), (0, ""))
        self.assertRegex(by_environment.stdout, r"(?m)^Repeat .* --redis=redis://127\.0\.0\.1:[0-9]+ ")
        by_flag = run(BROKERS, "--only=redis", "--", "sh", "-c",
                      f'url=$SPATE_REDIS_URL; SPATE_REDIS_URL=redis://127.0.0.1:1 {inner} --redis=$url')  # fmt: skip
        self.assertEqual((by_flag.returncode, by_flag.stderr), (0, ""))

    def test_are_needed(self):
        for name, variable in VARIABLES.items():
            for program, flag in ((support.STRESS, "--real"), (support.BENCH, "--modes")):
                done = run(program, f"{flag}={name}")
                self.assertEqual(done.returncode, 2, done.stdout)
                self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
                if "this build has no driver" not in done.stderr:
                    for piece in (f"mode '{name}'", f"--{name} ", variable, "--start-brokers"):
                        self.assertIn(piece, done.stderr)

    def test_that_are_not_needed_are_a_mistake(self):
        done = run(support.STRESS, "--real=queue", "--redis=redis://127.0.0.1")
        self.assertEqual(done.returncode, 2)
        self.assertIn("--redis: it would change nothing, as no mode is 'redis'", done.stderr)

    def test_must_be_right(self):
        for url, said in (("http://x", "'http'"), ("redis://x:0", "the port is not"), ("redis://x?a=b", "'a'"), ("redis://", "no host")):
            done = run(support.STRESS, "--real=redis", f"--redis={url}")
            self.assertEqual(done.returncode, 2)
            if "this build has no driver" not in done.stderr:
                self.assertRegex(done.stderr, r"^spate_stress: --redis: .*; give redis://.*\n$")
                self.assertIn(said, done.stderr)

    def test_that_nobody_answers_are_told_at_once(self):
        for name in VARIABLES:
            done = run(support.STRESS, f"--real={name}", f"--{name}=127.0.0.1:{free_port()}", "--broker-timeout=2s")
            self.assertEqual(done.returncode, 2, done.stdout)
            self.assertEqual(done.stderr.count("\n"), 1, done.stderr)

    def test_have_a_timeout_that_makes_sense(self):
        for text in ("0", "soon", "-1s"):
            done = run(support.STRESS, "--real=redis", "--start-brokers", f"--broker-timeout={text}")
            self.assertEqual(done.returncode, 2)
            self.assertIn("--broker-timeout", done.stderr)

    def test_where_none_is_expected_are_not_told(self):
        url = f"redis://ann:{SECRET}@127.0.0.1"
        for flags in ([url], ["--real=kafka", f"ann:{SECRET}@127.0.0.1:9092"], [f"--real={url}"]):
            done = run(support.STRESS, *flags)
            self.assertEqual((done.returncode, done.stderr.count("\n")), (2, 1), done.stderr)
            self.assertNotIn(SECRET, done.stderr)
        done = run(support.BENCH, f"--modes=redis,{url}")
        self.assertEqual(done.returncode, 2)
        self.assertNotIn(SECRET, done.stderr)

    def test_never_show_a_password(self):
        need(self, "redis")
        inner = (
            f'redis-cli -u $SPATE_REDIS_URL CONFIG SET requirepass {SECRET} >&2;'
            f'"{support.STRESS}" --real=redis --duration=0.1s --verbose --output={self.path()}'
            f' --redis="redis://:{SECRET}@${{SPATE_REDIS_URL#redis://}}"'
        )
        done = run(BROKERS, "--only=redis", "--", "sh", "-c", inner)
        self.assertEqual((done.returncode, done.stderr), (0, "OK\n"), done.stdout)
        self.assertNotIn(SECRET, done.stdout)
        with open(self.path(), encoding="utf-8") as file:
            self.assertNotIn(SECRET, file.read())
        refused = run(BROKERS, "--only=redis", "--", "sh", "-c",
                      f'"{support.STRESS}" --real=redis --redis="redis://:{SECRET}@${{SPATE_REDIS_URL#redis://}}"')  # fmt: skip
        self.assertEqual(refused.returncode, 2)
        self.assertNotIn(SECRET, refused.stdout + refused.stderr)


class Runs(support.CliTest):
    def test_that_lose_their_server_are_a_finding(self):
        need(self, "redis")
        inner = (
            f'("{support.STRESS}" --real=redis --duration=10s --rate=1000 --broker-timeout=1s; echo "ended $?") &'
            " port=${SPATE_REDIS_URL##*:};"
            # Not those on trial, but the run's.
            " until redis-cli -p $port INFO commandstats | grep -qE 'cmdstat_xadd:calls=[0-9]{3}'; do kill -0 $! || exit 9; done;"
            " redis-cli -p $port SHUTDOWN NOSAVE; wait"
        )
        done = run(BROKERS, "--only=redis", "--", "bash", "-c", inner)
        self.assertIn("ended 1\n", done.stdout)
        self.assertIn("the delivery gave up in the middle", done.stderr)


class Servers(support.CliTest):
    def test_end_with_us_however_we_end(self):
        need(self, "redis")
        need(self, "nats")  # whose library has threads, of which any may be given a signal
        for how in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT):
            with subprocess.Popen(
                [BROKERS, "--only=redis,nats"], env=without_brokers(), stdout=subprocess.PIPE, text=True,
            ) as process:  # fmt: skip
                line = process.stdout.readline()
                port = line.rstrip("'\n").rsplit(":", 1)[1]
                self.assertRegex(line, rf"^export SPATE_REDIS_URL='redis://127\.0\.0\.1:{port}'$")
                server = f"127.0.0.1:{port}"  # as Redis writes it into its own command line
                self.assertNotEqual(processes_with(server), [])
                process.send_signal(how)
                self.assertEqual(process.wait(support.DEADLINE_SECONDS), -how if how == signal.SIGKILL else 0)
            support.wait_for(lambda: processes_with(server) == [], f"the end of {server}")

    def test_pass_on_that_they_are_to_end(self):
        need(self, "redis")
        with subprocess.Popen(
            [BROKERS, "--only=redis", "--", "sh", "-c", "trap 'exit 7' TERM; echo ready; while :; do sleep 0.1; done"],
            env=without_brokers(), stdout=subprocess.PIPE, text=True,
        ) as process:  # fmt: skip
            self.assertEqual(process.stdout.readline(), "ready\n")
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(support.DEADLINE_SECONDS), 7)

    def test_hear_of_their_commands_end_whatever_they_inherit(self):
        need(self, "redis")
        done = subprocess.run(
            [BROKERS, "--only=redis", "--", "sh", "-c", "exit 7"], env=without_brokers(), timeout=support.DEADLINE_SECONDS,
            preexec_fn=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN), check=False,
        )  # fmt: skip
        self.assertEqual(done.returncode, 7)

    def test_give_their_commands_exit_code(self):
        need(self, "redis")
        self.assertEqual(run(BROKERS, "--only=redis", "--", "sh", "-c", "exit 7").returncode, 7)
        absent = run(BROKERS, "--only=redis", "--", "no-such-program")
        self.assertEqual(absent.returncode, 2)
        self.assertEqual(absent.stderr, "spate_brokers: cannot run no-such-program: No such file or directory\n")

    def test_do_not_obey_what_is_meant_for_other_servers(self):
        need(self, "rabbitmq")
        folder = pathlib.Path(self.path("foreign"))
        foreign = {name: str(folder) for name in ("RABBITMQ_MNESIA_DIR", "RABBITMQ_LOGS", "MNESIA_DIR", "LOGS")}
        done = run(support.STRESS, "--real=rabbitmq", "--start-brokers", "--duration=0.1s",
                   RABBITMQ_DEFAULT_USER="ann", RABBITMQ_DEFAULT_PASS=SECRET, **foreign)  # fmt: skip
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        self.assertFalse(folder.exists())

    def test_are_of_known_kinds(self):
        done = run(BROKERS, "--only=foo")
        self.assertEqual((done.returncode, done.stderr), (2, "spate_brokers: --only 'foo': use redis, nats, rabbitmq\n"))
        stand_in = run(BROKERS, "--only=kafka")
        self.assertEqual(stand_in.returncode, 2)
        self.assertIn("--start-brokers", stand_in.stderr)

    def test_are_told_where_they_are_not_installed(self):
        done = run(support.STRESS, "--real=redis", "--start-brokers", PATH="/nonexistent")
        self.assertEqual(done.returncode, 2)
        if "this build has no driver" not in done.stderr:
            self.assertIn("redis-server", done.stderr)


if __name__ == "__main__":
    support.main()
