"""Measures and prints the table of ci/faults, which says what its flags are."""
import argparse
import json
import pathlib
import re
import subprocess
import sys
import tempfile

STRESS = pathlib.Path(__file__).resolve().parent.parent / "build" / "release" / "bin" / "spate_stress"
AT = "2s"

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
# In the middle of a second in which nobody reads, so that there is something that it has acknowledged and could lose.
STALL = "1500ms:stall-receivers"
OF_PROCESS = ("kill-broker", "restart-broker", "pause-broker")


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


def run(column, fault, rate, folder):
    """The row of one run."""
    mode, settings, _ = COLUMNS[column]
    slow_start = mode == "rabbitmq" and fault in ("kill-broker", "restart-broker")  # it boots for six seconds
    details = f",{FAULTS[fault]}" if FAULTS[fault] else ""
    output = folder / f"{column}.{fault}.json"
    command = [STRESS, f"--real={mode}", "--start-brokers", f"--rate={rate}", f"--duration={25 if slow_start else 10}s",
               f"--fault={AT}:{fault}{details}", "--broker-timeout=30s", f"--output={output}"]
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
    return row


def seconds(ns):
    return "never" if ns is None else f"{ns / 1e9:.1f} s"


def cell_of(row):
    counts = " / ".join(f"{row[name]:.0f}" for name in ("lost", "duplicated", "unknown"))
    return f"{counts}, {seconds(struck(row)['recovered_after_ns'])}"


def struck(row):
    """The fault that the run is for; there may be a stall around it."""
    return [fault for fault in row["spate"]["faults"]["executed"] if fault["kind"] != "stall-receivers"][0]


def is_wrong(row, durable):
    """Whether it lost what was promised, or did not flow again."""
    faults = row["spate"]["faults"]
    kept = durable or struck(row)["kind"] not in ("kill-broker", "restart-broker")
    return not faults["liveness"]["holds"] or row.get("error_occurred", False) or (kept and row["lost"] > 0)


def main():
    parser = argparse.ArgumentParser(prog="ci/faults", description="see the head of ci/faults")
    parser.add_argument("--only", default=",".join(COLUMNS))
    parser.add_argument("--faults", default=",".join(FAULTS))
    parser.add_argument("--rate", default="2000")
    flags = parser.parse_args()
    if not re.fullmatch("[1-9][0-9]*", flags.rate):
        raise Failed(f"--rate '{flags.rate}': give a number of at least 1")
    columns = chosen("--only", flags.only, COLUMNS)
    faults = chosen("--faults", flags.faults, FAULTS)
    wrong = []
    versions = {}
    print("| fault | " + " | ".join(columns) + " |", flush=True)
    print("|---" * (len(columns) + 1) + "|", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for fault in faults:
            cells = []
            for column in columns:
                mode, _, durable = COLUMNS[column]
                if mode == "kafka" and fault in OF_PROCESS:
                    cells.append("-")
                    continue
                row = run(column, fault, flags.rate, pathlib.Path(folder))
                versions[column] = row["version"]
                cells.append(cell_of(row))
                if is_wrong(row, durable and (column, fault) not in KNOWN_TO_LOSE):
                    wrong.append(f"{column}, {fault}: {cells[-1]}, liveness {row['spate']['faults']['liveness']}")
            print(f"| {fault} | " + " | ".join(cells) + " |", flush=True)
    print()
    for column, version in versions.items():
        print(f"- {column}: {version}")
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
