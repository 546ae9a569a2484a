"""ci/deps, with programs of the test's own in the place of apt's: what stops it, and what does not."""

import os
import subprocess
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
APT_GET = """#!/bin/sh
case "$*" in
  *update*) exit $UPDATE ;;
  *install*) for package; do printf '%s\\n' "$package"; done >>"$INSTALLED"; exit $INSTALL ;;
esac
"""
DPKG_QUERY = """#!/bin/sh
for package; do :; done
case " $MISSING " in *" $package "*) echo not-installed ;; *) echo installed ;; esac
"""
SUDO = """#!/bin/sh
[ "$1" = -n ] && exit 0
exec "$@"
"""


class Deps(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        for name, text in (
            ("apt-get", APT_GET), ("dpkg-query", DPKG_QUERY), ("sudo", SUDO), ("apt-cache", "#!/bin/sh\n"),
        ):  # fmt: skip
            path = os.path.join(self.folder, name)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            os.chmod(path, 0o755)

    def deps(self, missing, update=0, install=0):
        """The finished call for the benchmarks, and what apt was to install."""
        installed = os.path.join(self.folder, "installed")
        with open(installed, "w", encoding="utf-8"):
            pass
        done = subprocess.run(
            [os.path.join(ROOT, "ci", "deps"), "bench"], stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=60, check=False,
            env={**os.environ, "PATH": f"{self.folder}:{os.environ['PATH']}", "MISSING": missing, "UPDATE": str(update),
                 "INSTALL": str(install), "INSTALLED": installed},
        )  # fmt: skip
        with open(installed, encoding="utf-8") as file:
            packages = [word for word in file.read().split() if word.startswith("lib")]
        return done, packages

    def test_nothing_is_done_where_all_is_here(self):
        done, packages = self.deps("", update=100)
        self.assertEqual((done.returncode, done.stdout, packages), (0, "", []))

    def test_what_is_missing_is_installed_the_optional_too(self):
        done, packages = self.deps("libfmt-dev libtbb-dev")
        self.assertEqual((done.returncode, packages), (0, ["libfmt-dev", "libtbb-dev"]))

    def test_what_is_optional_stops_nothing(self):
        for update, install in ((100, 0), (0, 100)):
            with self.subTest(update=update, install=install):
                done, _ = self.deps("libtbb-dev", update, install)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertRegex(done.stdout, "(?i)optional")

    def test_what_is_needed_stops_it(self):
        for update, install, why in ((100, 0, "apt-get update failed"), (0, 100, "could not install: libfmt-dev")):
            with self.subTest(why):
                done, _ = self.deps("libfmt-dev libtbb-dev", update, install)
                self.assertEqual(done.returncode, 2, done.stdout)
                self.assertIn(why, done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=1)
