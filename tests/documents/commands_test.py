"""Every command of the documents works as it stands there.

Each document has a folder of its own, with the programs in the PATH and the files that its commands
read; there its commands run one after the other. What would take minutes is shortened as ADAPTED says;
what cannot run here stands in ELSEWHERE, with what runs it.
"""

import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from concurrent.futures import ThreadPoolExecutor

import commands
from commands import ROOT

sys.path.insert(0, str(ROOT / "tests" / "cli"))
import support  # noqa: E402

BIN = pathlib.Path(support.STRESS).parent
SECONDS_FOR_ONE = 240

# What runs it instead.
ELSEWHERE = (
    (r"ci/test\b", "runs this test"),
    (r"ci/gate\b", "tests/ci/gate_*_test.py, with programs and a repository of their own: it builds two commits"),
    (r"ci/(bench|brokers|faults|peers)\b", "scripts_test.py, in the source tree"),
    (r"^(cmake --install|export PKG_CONFIG_PATH|c\+\+|build/agent_program|cpack)(?=[ =]|$)",
     "tests/consumer/install_test.py, in the folder that was built"),
)

# A run that takes long only because people want to see more of it; and ports, of which a test takes free ones.
ADAPTED = (
    # A schedule on the wall clock. Those with real faults need theirs to recover in.
    (r"^(?!.*--(sim|fault)\b)(.*spate_(?:stress|bench)\b.*) --duration[ =]\d+(s|min)\b", r"\2 --duration 1s"),
    (r"^(?!.*--(sim|fault|duration|messages|find-rate)\b)((?:spate_brokers .* -- |\S*/)?spate_stress)(?= )", r"\2 --duration 1s"),
    # A search in real time takes minutes.
    (r"^(spate_stress --find-rate \S+ --real=\w+ --start-brokers)( --duration 1s)?$", r"\1 --duration 100ms --max-rate 4000"),
    # The whole matrix, over each mode.
    (r"^(?!.*--duration\b)(spate_bench\b.*\^delivery/.*)", r"\1 --duration 20ms"),
    # The claims take minutes, and are measured on purpose; here, that they are there.
    (r"^(spate_bench\b.*\(micro\|.*)", r"\1 --benchmark_list_tests"),
    (r"^(spate_stress\b.*) nats://127.0.0.1:4222$", r"spate_brokers --only nats -- bash -c '\1 $SPATE_NATS_URL'"),
    (r"^(spate_proxy --listen) 7000", r"\1 0"),
)

# Programs that go on until they are told to stop, once they have said that they are ready.
UNTIL_INTERRUPTED = (r"^spate_brokers$", r"^spate_proxy\b")

# Where another code than 0 is what is to be expected as well.
CODES = (
    (r"^spate_compare\b(?!.*--(exact|add|all)\b)(?!.*--modes)(?!.*--format html)", {0, 1, 3},
     "CPU times of a busy machine, and too few of them"),
    (r"--find-rate \S+ --real", {0, 1, 3}, "what a busy machine keeps up with in a tenth of a second"),
    (r"--fault \S*kill-broker", {0, 1}, "it loses what it had acknowledged, which is the finding that it shows"),
)


def matches(table, text):
    return next((entry for entry in table if re.search(entry[0], text)), None)


def adapted(text):
    for pattern, replacement in ADAPTED:
        text = re.sub(pattern, replacement, text)
    return text


def make_files(folder):
    """What the commands read that no command of theirs writes."""
    cells = ["--modes=sim,mock,queue", "--chaos=on", "--rates=1000", "--agents=3", "--duration=50ms", "--benchmark_filter=^delivery/"]
    names = ["results/latest.json", "base.json", "new.json", "b1.json", "b2.json", "n1.json", "n2.json"]
    (folder / "results").mkdir()
    for name in names:
        done = support.run(support.BENCH, *cells, f"--benchmark_out={folder / name}")
        if done.returncode != 0:
            raise AssertionError(done.stderr)
    page = (ROOT / "compare" / "README.md").read_text(encoding="utf-8")
    rules = re.search(r'```json\n(\{"rules".*?)```', page, re.DOTALL)[1]
    (folder / "rules.json").write_text(rules, encoding="utf-8")
    (folder / "build").mkdir()
    (folder / "build" / "release").symlink_to(BIN.parent)


def environment():
    return support.environment(PATH=f"{BIN}:{os.environ['PATH']}")


def run_to_its_end(text, folder):
    with tempfile.TemporaryFile("w+") as told:
        process = subprocess.Popen(["bash", "-c", text], cwd=folder, env=environment(), stdin=subprocess.DEVNULL,
                                   stdout=told, stderr=told, start_new_session=True)  # fmt: skip
        try:
            code = process.wait(SECONDS_FOR_ONE)
        except subprocess.TimeoutExpired:
            code = f"not ended after {SECONDS_FOR_ONE} s"
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()
        told.seek(0)
        return code, told.read()


def run_until_it_is_ready(text, folder):
    """Its exit code after Ctrl-C, which comes when it has said its first line."""
    process = subprocess.Popen(["bash", "-c", "exec " + text], cwd=folder, env=environment(), stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)  # fmt: skip
    try:
        first = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=SECONDS_FOR_ONE)
        return process.returncode, first + rest
    finally:
        process.kill()
        process.wait()


def failure(command, folder):
    """None, or what went wrong with it."""
    text = adapted(command.text)
    began = time.monotonic()
    if matches([(pattern,) for pattern in UNTIL_INTERRUPTED], text):
        code, told = run_until_it_is_ready(text, folder)
    else:
        code, told = run_to_its_end(text, folder)
    print(f"{time.monotonic() - began:6.1f} s  {code}  {command.document}: {text}", flush=True)
    known = matches(CODES, text)
    if code in (known[1] if known else {0}):
        return None
    return f"{command}\n  run as: {text}\n  exit code {code}\n{told[-2000:]}"


def failures_of(document):
    todo = [c for c in commands.commands_of(document) if not matches(ELSEWHERE, c.text)]
    if not todo:
        return []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        make_files(folder)
        return [wrong for command in todo if (wrong := failure(command, folder))]


class Commands(unittest.TestCase):
    def test_each_works(self):
        with ThreadPoolExecutor(max_workers=3) as pool:
            wrong = [one for found in pool.map(failures_of, commands.documents()) for one in found]
        self.assertEqual([], wrong, "\n\n".join(wrong))

    def test_there_are_some(self):
        texts = [command.text for command in commands.all_commands()]
        self.assertGreater(len(texts), 30)
        for program in ("spate_stress", "spate_bench", "spate_compare", "spate_brokers", "spate_proxy", "ci/bench"):
            self.assertTrue(any(program in text for text in texts), program)

    def test_no_exception_is_for_nothing(self):
        texts = [command.text for command in commands.all_commands()]
        for table in (ELSEWHERE, ADAPTED, CODES, [(pattern,) for pattern in UNTIL_INTERRUPTED]):
            for pattern, *_ in table:
                self.assertTrue(any(re.search(pattern, text) for text in texts), pattern)


if __name__ == "__main__":
    unittest.main()
