"""A headless Chromium, driven through its DevTools protocol over a pipe, by Python's standard library alone."""

import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time

DEADLINE_SECONDS = 120  # far beyond what a busy machine takes


class Chromium:
    """One page of one browser, with a profile of its own; both are gone after close()."""

    def __init__(self, program):
        self.program = program
        self.number = 0
        self.events = []
        self.buffer = b""
        self.session = None
        self.start()

    def start(self):
        self.profile = tempfile.mkdtemp(prefix="spate-chromium-")
        its_in, self.commands = os.pipe()
        self.answers, its_out = os.pipe()

        def take_places():
            # The protocol's two ends are descriptors 3 and 4. First out of the way of each other.
            high = [os.dup(its_in), os.dup(its_out)]
            os.dup2(high[0], 3)
            os.dup2(high[1], 4)

        try:
            self.process = subprocess.Popen(
                [self.program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                 "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
                 f"--user-data-dir={self.profile}", "--remote-debugging-pipe", "about:blank"],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                preexec_fn=take_places, pass_fds=(3, 4), start_new_session=True,
                env={**os.environ, "HOME": self.profile},
            )  # fmt: skip
        finally:
            os.close(its_in)
            os.close(its_out)
        (target,) = [t for t in self.send("Target.getTargets")["targetInfos"] if t["type"] == "page"]
        self.session = self.send("Target.attachToTarget", targetId=target["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")

    def close(self):
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        os.close(self.commands)
        os.close(self.answers)
        shutil.rmtree(self.profile, ignore_errors=True)

    def receive(self, end):
        """The next message; events are kept."""
        while b"\0" not in self.buffer:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.answers], [], [], left)[0]:
                raise AssertionError(f"Chromium said nothing for {DEADLINE_SECONDS} s")
            chunk = os.read(self.answers, 1 << 20)
            if not chunk:
                raise AssertionError("Chromium has ended")
            self.buffer += chunk
        text, _, self.buffer = self.buffer.partition(b"\0")
        message = json.loads(text)
        if "method" in message:
            self.events.append(message)
        return message

    def send(self, method, **params):
        self.number += 1
        command = {"id": self.number, "method": method, "params": params}
        if self.session:
            command["sessionId"] = self.session
        data = json.dumps(command).encode() + b"\0"
        while data:
            data = data[os.write(self.commands, data) :]
        end = time.monotonic() + DEADLINE_SECONDS
        while True:
            message = self.receive(end)
            if message.get("id") == self.number:
                if "error" in message:
                    raise AssertionError(f"{method}: {message['error']}")
                return message["result"]

    def evaluate(self, expression):
        """The value of a JavaScript expression; of a promise what it comes to."""
        result = self.send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise AssertionError(f"{expression}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def wait_for(self, expression):
        """Until the expression is true."""
        end = time.monotonic() + DEADLINE_SECONDS
        while not self.evaluate(expression):
            if time.monotonic() > end:
                raise AssertionError(f"not within {DEADLINE_SECONDS} s: {expression}")
            time.sleep(0.02)  # between two looks

    def wait_for_event(self, method):
        """From those that came since the last open() on."""
        end = time.monotonic() + DEADLINE_SECONDS
        while not any(event["method"] == method for event in self.events):
            self.receive(end)

    def open(self, path):
        """Returns when the page and its scripts have been loaded."""
        self.events.clear()
        self.send("Page.navigate", url=f"file://{path}")
        self.wait_for_event("Page.loadEventFired")

    def resize(self, width, height, mobile=False):
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=mobile)

    def set_dark(self, dark):
        features = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.send("Emulation.setEmulatedMedia", features=features)

    def set_scripts(self, run):
        self.send("Emulation.setScriptExecutionDisabled", value=not run)

    def requests(self):
        """URLs that were asked for since the last open()."""
        return [e["params"]["request"]["url"] for e in self.events if e["method"] == "Network.requestWillBeSent"]

    def complaints(self):
        """What was written to the console, and exceptions, since the last open()."""
        kinds = ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded")
        return [event["params"] for event in self.events if event["method"] in kinds]
