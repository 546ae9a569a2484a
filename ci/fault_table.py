"""Measures and prints the table of ci/faults, which says what its flags are. And two of its own: --check, which
does no more than look at the others, and --program=FILE instead of build/release/bin/spate_stress."""
import argparse
import json
import pathlib
import re
import subprocess
import sys
import tempfile

from tables import Table, say

STRESS = pathlib.Path(__file__).resolve().parent.parent / "build" / "release" / "bin" / "spate_stress"
AT = "3s"

# What each column is called, its mode, the settings of its server, and whether what it has acknowledged survives
# the end of its process. (What the kernel has SIGKILL does not take away; but everysec may put a write off.)
COLUMNS = {
    "redis-off": ("redis", "redis.appendonly=off", False),
    "redis-everysec": ("redis", "redis.appendonly=everysec", False),
    "redis-always": ("redis", "redis.appendonly=always", True),
    "nats-memory": ("nats", "nats.storage=memory", False),
    "nats-file": ("nats", "nats.storage=file", True),
    "rabbitmq-transient": ("rabbitmq", "rabbitmq.persistent=no", False),
    "rabbitmq-persistent": ("rabbitmq", "rabbitmq.persistent=yes", True),
    "kafka": ("kafka", "", False),
}
FAULTS = {
    "kill-broker": "restart=500ms",
    "restart-broker": "",
    "pause-broker": "for=1s",
    "reset-connections": "",
    "half-close": "",
    "latency": "add=50ms,jitter=20ms,for=1s",
    "bandwidth": "limit=100kB/s,for=1s",
    "blackhole": "for=1s",
    "slice": "for=1s",
    "drop-acks": "for=1s",
}
MOST_A_SECOND = 100_000_000
# In the middle of a second in which nobody reads, so that there is something that it has acknowledged and could lose.
STALL = "2500ms:stall-receivers"
OF_PROCESS = ("kill-broker", "restart-broker", "pause-broker")
NO_FAULTS_DOING = ("corrupted", "aliens", "anomalies", "misreported")


# Asked to end, nats-server drops what it acknowledges in its last moments: see lib/drivers/README.md.
KNOWN_TO_LOSE = [("nats-file", "restart-broker")]


class Failed(Exception):
    """A run could not be made."""


def chosen(flag, text, known):
    names = text.split(",")
    wrong = [name for name in names if name not in known]
    if wrong:
        raise Failed(f"{flag} '{text}': there is no '{wrong[0]}'; give some of {','.join(known)}")
    return names


def run(column, fault, flags, folder):
    """The row of one run, with what the program said besides."""
    mode, settings, _ = COLUMNS[column]
    slow_start = mode == "rabbitmq" and fault in ("kill-broker", "restart-broker")  # it boots for six seconds
    details = f",{FAULTS[fault]}" if FAULTS[fault] else ""
    output = folder / f"{column}.{fault}.json"
    # One worker: on two cores, two that wait for messages would leave none to the server.
    command = [flags.program, f"--real={mode}", "--start-brokers", "--workers=1", f"--rate={flags.rate}",
               f"--duration={26 if slow_start else 11}s", f"--fault={AT}:{fault}{details}", "--broker-timeout=30s", f"--output={output}"]
    if fault in ("kill-broker", "restart-broker"):
        command.append(f"--fault={STALL}")
    if settings:
        command.append(f"--server-settings={settings}")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1) or not output.exists():
        raise Failed(f"{column}, {fault}: ended with {done.returncode}: {done.stderr.strip()}")
    result = json.loads(output.read_text())
    (row,) = result["benchmarks"]
    if "spate" not in row:
        raise Failed(f"{column}, {fault}: {row.get('error_message', 'no result')}")
    row["version"] = result["context"]["deliveries"][mode]
    row["said"] = done.stderr.splitlines()
    return row


def seconds(ns):
    return "never" if ns is None else f"{ns / 1e9:.1f} s"


def cell_of(row):
    counts = " / ".join(f"{row[name]:.0f}" for name in ("lost", "duplicated", "unknown"))
    return f"{counts}, {seconds(struck(row)['recovered_after_ns'])}"


def struck(row):
    """The fault that the run is for; there may be a stall around it."""
    return [fault for fault in row["spate"]["faults"]["executed"] if fault["kind"] != "stall-receivers"][0]


def wrongs_of(row, durable):
    """What is wrong with it, a few words each; nothing where it did what was promised."""
    faults = row["spate"]["faults"]
    kept = durable or struck(row)["kind"] not in ("kill-broker", "restart-broker")
    wrongs = [f"{name} {row[name]:.0f}" for name in (("lost",) if kept else ()) + NO_FAULTS_DOING if row[name] > 0]
    for fault in faults["executed"]:
        if fault.get("trouble") or fault["begun_ns"] is None:
            wrongs.append(f"{fault['fault']} was not executed")
    if not faults["liveness"]["holds"]:
        wrongs.append("it did not show that it flows again")
    if row.get("error_occurred", False):
        wrongs.append(row["error_message"])
    return wrongs


def read_flags():
    parser = argparse.ArgumentParser(prog="ci/faults", description="see the head of ci/faults", allow_abbrev=False)
    parser.add_argument("--only", default=",".join(COLUMNS))
    parser.add_argument("--faults", default=",".join(FAULTS))
    parser.add_argument("--rate", default="2000")
    parser.add_argument("--program", default=STRESS)
    parser.add_argument("--check", action="store_true")
    flags = parser.parse_args()
    if not re.fullmatch("[1-9][0-9]{0,8}", flags.rate) or int(flags.rate) > MOST_A_SECOND:
        raise Failed(f"--rate '{flags.rate}': give a whole number from 1 to {MOST_A_SECOND}")
    flags.only = chosen("--only", flags.only, COLUMNS)
    flags.faults = chosen("--faults", flags.faults, FAULTS)
    return flags


def main():
    flags = read_flags()
    if flags.check:
        return 0
    columns = flags.only
    wrong = []
    versions = {}
    table = Table(["fault", *columns])
    with tempfile.TemporaryDirectory() as folder:
        for fault in flags.faults:
            cells = []
            for column in columns:
                mode, _, durable = COLUMNS[column]
                if mode == "kafka" and fault in OF_PROCESS:
                    cells.append("-")
                    continue
                row = run(column, fault, flags, pathlib.Path(folder))
                versions[column] = row["version"]
                cells.append(cell_of(row))
                if wrongs := wrongs_of(row, durable and (column, fault) not in KNOWN_TO_LOSE):
                    wrong.append(f"{column}, {fault}: {'; '.join(wrongs)}")
                    wrong += [f"  {line}" for line in row["said"]]
            table.row(fault, *cells)
    print()
    for column, version in versions.items():
        say(f"- {column}: {version}")
    for line in wrong:
        print(f"ci/faults: {line}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as failed:
        print(f"ci/faults: {failed}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(3)
