"""spate_proxy between a client and a server of the test's own. SPATE_PROXY names the program."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import threading
import time

import support

PROXY = os.environ.get("SPATE_PROXY", "")


def free_port():
    """One that nobody has just now."""
    with socket.create_server(("127.0.0.1", 0)) as one:
        return one.getsockname()[1]


class EchoServer:
    """Sends back what comes, to one client after the other."""

    def __init__(self):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self):
        with contextlib.suppress(OSError):  # the listener is closed
            while True:
                client, _ = self._listener.accept()
                with client, contextlib.suppress(OSError):
                    while piece := client.recv(4096):
                        client.sendall(piece)

    def close(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()


class ProxyTest(support.CliTest):
    def setUp(self):
        super().setUp()
        self.server = EchoServer()
        self.addCleanup(self.server.close)

    @contextlib.contextmanager
    def proxy(self, *flags, to=None):
        with subprocess.Popen([PROXY, f"--to={to or self.server.address}", *flags], env=support.environment(),
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:  # fmt: skip
            try:
                yield process
            finally:
                if process.poll() is None:
                    process.kill()

    def port_of(self, process, server=None):
        line = process.stdout.readline()
        told = re.fullmatch(rf"127\.0\.0\.1:([0-9]+) leads to {re.escape(server or self.server.address)}\n", line)
        self.assertIsNotNone(told, line)
        return int(told[1])

    def connect(self, port):
        client = socket.create_connection(("127.0.0.1", port), timeout=support.DEADLINE_SECONDS)
        self.addCleanup(client.close)
        return client

    def trip(self, client):
        begun = time.monotonic()
        client.sendall(b"ping")
        self.assertEqual(client.recv(4), b"ping")
        return time.monotonic() - begun

    def end(self, process, number=signal.SIGTERM):
        process.send_signal(number)
        rest, errors = process.communicate(timeout=support.DEADLINE_SECONDS)
        self.assertEqual((process.returncode, errors), (0, ""))
        return rest

    def test_leads_to_servers_and_counts(self):
        other = EchoServer()
        self.addCleanup(other.close)
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.proxy(f"--to={other.address}") as process:
                for port in (self.port_of(process), self.port_of(process, other.address)):
                    self.trip(self.connect(port))
                self.assertEqual(self.end(process, number), "accepted 2, open 2, refused 0, bytes to servers 8, to clients 8\n")

    def test_listens_where_it_is_told(self):
        with socket.create_server(("127.0.0.1", 0)) as one:
            port = one.getsockname()[1]
            taken = support.run(PROXY, f"--to={self.server.address}", f"--listen={port}")
        self.assertEqual((taken.returncode, taken.stderr.count("\n")), (2, 1), taken.stderr)
        self.assertIn(f"127.0.0.1:{port}", taken.stderr)
        while True:  # somebody else may get the port before we do
            with self.proxy(f"--listen={port}") as process:
                line = process.stdout.readline()
                if not line:
                    self.assertIn("free", process.stderr.read())
                    port = free_port()
                    continue
                self.assertEqual(line, f"127.0.0.1:{port} leads to {self.server.address}\n")
                self.trip(self.connect(port))
                self.end(process)
                return

    def test_does_not_lead_to_itself(self):
        for servers in (["127.0.0.1:{0}"], ["localhost:{1}", "localhost:{0}"], ["localhost:{0}"]):
            said = "free"
            while "free" in said:  # somebody else has the port
                port = free_port()
                flags = [f"--to={server.format(port, port + 1)}" for server in servers]
                done = support.run(PROXY, f"--listen={port}", *flags)
                said = done.stderr
            self.assertEqual((done.returncode, done.stdout, said.count("\n")), (2, "", 1), said)
            self.assertIn("to itself", said)

    def test_faults_begin_and_end_as_planned(self):
        with self.proxy("--fault=0s:latency,add=50ms,for=1h", "--fault=300ms:blackhole,for=100ms") as process:
            client = self.connect(self.port_of(process))
            self.assertRegex(process.stdout.readline(), r"^0\.\d{3}s begins 0s:latency,add=50ms,for=1h\n$")
            self.assertGreaterEqual(self.trip(client), 0.1, "50 ms there and back")
            self.assertRegex(process.stdout.readline(), r"^\d+\.\d{3}s begins 300ms:blackhole,for=100ms\n$")
            self.assertRegex(process.stdout.readline(), r"^\d+\.\d{3}s ends 300ms:blackhole,for=100ms\n$")
            self.trip(client)
            self.assertEqual(self.end(process).count("\n"), 1, "what lasts longer has no end of its own")

    def test_a_reset_is_over_at_once(self):
        # However late we connect, one comes yet.
        with self.proxy(*(f"--fault={1 << step}s:reset-connections" for step in range(8))) as process:
            client = self.connect(self.port_of(process))
            with self.assertRaises(ConnectionResetError):
                client.recv(1)
            self.assertRegex(process.stdout.readline(), r"^\d+\.\d{3}s begins \d+s:reset-connections\n$")
            self.assertRegex(self.end(process), r"^(\d.* begins .*\n)*accepted 1, open 0, .*\n$")

    def test_says_once_that_nobody_listens_where_it_leads_to(self):
        with socket.socket() as silent:  # has the port, so that nobody else gets it, and does not listen
            silent.bind(("127.0.0.1", 0))
            server = "127.0.0.1:%d" % silent.getsockname()[1]
            with self.proxy(to=server) as process:
                port = self.port_of(process, server)
                for _ in range(3):
                    with self.assertRaises(ConnectionResetError):
                        self.connect(port).recv(1)
                self.assertRegex(process.stdout.readline(), rf"^\d+\.\d{{3}}s a connection is refused: does a server listen at {server}\?\n$")
                self.assertRegex(self.end(process), r"^accepted 3, open 0, refused 3, ")

    def test_refuses_what_it_cannot_do(self):
        to = f"--to={self.server.address}"
        for flags, said in (
            ([], "--to is missing"),
            (["--to=localhost"], "HOST:PORT"),
            (["--to=::1:6379"], "[::1]:6379"),
            (["--to=localhost:0"], "--to '0'"),
            ([to, "--listen=65536"], "--listen"),
            ([to, to, "--listen=65535"], "--listen"),
            ([to, "--fault=1s:kill-broker"], "the server's process"),
            ([to, "--fault=soon:latency"], "--fault"),
            ([to, "--seed=x"], "--seed"),
            (["--to=no-such-host.invalid:1"], "no-such-host.invalid:1"),
        ):
            done = support.run(PROXY, *flags)
            self.assertEqual((done.returncode, done.stdout, done.stderr.count("\n")), (2, "", 1), done.stderr)
            self.assertIn(said, done.stderr)

    def test_ends_at_once_where_it_cannot_say_where_it_is(self):
        with open("/dev/full", "w", encoding="utf-8") as full:
            done = subprocess.run(
                [PROXY, f"--to={self.server.address}"], env=support.environment(), stdin=subprocess.DEVNULL, stdout=full,
                stderr=subprocess.PIPE, text=True, timeout=support.DEADLINE_SECONDS, check=False,
            )  # fmt: skip
        self.assertEqual(done.returncode, 2)
        self.assertRegex(done.stderr, r"\Aspate_proxy: standard output cannot be written[^\n]+\n\Z")

    def test_prints_no_password(self):
        for address in ("open-sesame@localhost:6379", "ann:open-sesame@localhost:6379", "ann:open-sesame@localhost",
                        "redis://open-sesame@localhost:6379", "localhost/open-sesame:6379"):  # fmt: skip
            done = support.run(PROXY, f"--to={address}")
            self.assertEqual((done.returncode, done.stdout, done.stderr.count("\n")), (2, "", 1), done.stderr)
            self.assertIn("HOST:PORT", done.stderr)
            if "@" in address:
                self.assertNotIn("open-sesame", done.stderr)


if __name__ == "__main__":
    support.main()
