"""The Debian packages, installed by dpkg into a root of their own, and the archive."""

import glob
import os
import re
import tarfile

import consumer

STATUS = "/var/lib/dpkg/status"
# What the program has inside, whatever the packages say of it.
with open(os.path.join(consumer.BUILD, "bin", "spate_compare"), "rb") as program:
    HAS_CHARTS = b"Chart.js v3." in program.read()
# Each with what it stands on, of the others.
PACKAGES = {
    "spate": [],
    "libspate-dev": [],
    "libspate-drivers-dev": ["libspate-dev"],
    "libspate-bench-dev": ["libspate-drivers-dev"],
}


class Packages(consumer.ConsumerTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pack("packages")
        cls.files = {os.path.basename(path).split("_")[0]: path for path in glob.glob(cls.path("packages", "*.deb"))}

    @classmethod
    def pack(cls, name):
        cls.ok(
            "cpack", "--config", os.path.join(consumer.BUILD, "CPackConfig.cmake"), "-B", cls.path(name),
            env=consumer.environment(SOURCE_DATE_EPOCH="1700000000"),
        )  # fmt: skip

    def root(self, name, without=None):
        """An empty system whose dpkg takes for installed what is so here, but for one package."""
        database = self.path(name, "var", "lib", "dpkg")
        for folder in ("info", "updates"):
            os.makedirs(os.path.join(database, folder))
        with open(STATUS, encoding="utf-8") as file:
            entries = file.read().split("\n\n")
        kept = [entry for entry in entries if without is None or f"Package: {without}\n" not in entry + "\n"]
        self.assertEqual(len(entries) - len(kept), 0 if without is None else 1)
        with open(os.path.join(database, "status"), "w", encoding="utf-8") as file:
            file.write("\n\n".join(kept))
        return self.path(name)

    def dpkg(self, root, *arguments):
        # The database's lists of files are missing, of which it warns once a package.
        path = os.pathsep.join((os.environ["PATH"], "/usr/sbin", "/sbin"))
        env = consumer.environment(PATH=path, LC_ALL="C")
        return consumer.run("dpkg", f"--root={root}", "--force-not-root", *arguments, env=env)

    def installed(self, name):
        root = self.root(name)
        done = self.dpkg(root, "--install", *self.files.values())
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return root

    def test_each_is_installed_with_what_it_depends_on_and_removed_without_a_trace(self):
        self.assertEqual(sorted(self.files), sorted(PACKAGES))
        root = self.installed("root")
        for package in PACKAGES:
            told = self.dpkg(root, "--status", package).stdout
            self.assertIn("Status: install ok installed", told)
            self.assertIn(f"\nVersion: {consumer.VERSION}\n", told)
        done = self.dpkg(root, "--purge", *PACKAGES)
        self.assertEqual(done.returncode, 0, done.stderr)
        left = [name for _, _, names in os.walk(os.path.join(root, "usr")) for name in names]
        self.assertEqual(left, [])

    def test_none_is_installed_without_what_it_depends_on(self):
        for package, missing in (
            ("spate", "libfmt9"), ("spate", "librdkafka1"), ("libspate-dev", "libconcurrentqueue-dev"),
            ("libspate-dev", "zlib1g-dev"), ("libspate-bench-dev", "libbenchmark-dev"),
        ):  # fmt: skip
            with self.subTest(package=package, missing=missing):
                if consumer.run("dpkg-query", "--status", missing).returncode != 0:
                    self.skipTest(f"this distribution calls {missing} otherwise")
                root = self.root(f"without {missing}", without=missing)
                done = self.dpkg(root, "--install", self.files[package], *(self.files[below] for below in PACKAGES[package]))
                self.assertNotEqual(done.returncode, 0)
                self.assertIn(f"{package} depends on {missing}", done.stderr)

    def test_its_program_runs_and_a_project_finds_its_libraries(self):
        root = self.installed("used")
        for name in ("man/man1/spate_stress.1.gz", "bash-completion/completions/spate_bench"):
            self.assertTrue(os.path.isfile(os.path.join(root, "usr", "share", name)), name)
        output = self.path("stress.json")
        self.ok(os.path.join(root, "usr", "bin", "spate_stress"), "--real", "--duration=0.1s", "--rate=1000", f"--output={output}")
        self.assert_clean(output, "queue")
        self.build(
            "find_package", "finds", f"-DCMAKE_PREFIX_PATH={root}/usr", f"-DSPATE_VERSION={consumer.VERSION}",
            f"-DSPATE_EXAMPLES={root}/usr/share/doc/spate/bench/examples",
        )  # fmt: skip
        self.assert_library_works(self.path("finds", "library_user"))
        self.assert_programs_work(self.path("finds"))

    def test_each_has_what_debian_asks_for(self):
        root = self.installed("read")
        for package in PACKAGES:
            documents = os.path.join(root, "usr", "share", "doc", package)
            with open(os.path.join(documents, "copyright"), encoding="utf-8") as file:
                copyright_of = file.read()
            self.assertRegex(copyright_of, r"(?s)License: Expat\n\nLicense: Expat\n Permission .*\n \.\n THE SOFTWARE IS")
            embeds = package in ("spate", "libspate-bench-dev")
            self.assertEqual("nlohmann_json" in copyright_of, embeds, package)
            self.assertEqual("Copyright: Chart.js, (c) 2014" in copyright_of, embeds and HAS_CHARTS, package)
            told = self.ok("dpkg-parsechangelog", "--all", "--file", self.plain(os.path.join(documents, "changelog.gz")))
            self.assertIn(f"Source: {package}\nVersion: {consumer.VERSION}\n", told)
            self.assertRegex(told, r"\nDate: \w{3}, \d\d \w{3} \d{4} ")
            control = self.ok("dpkg-deb", "--field", self.files[package])
            self.assertRegex(control, r"\nMaintainer: .+ <.+@.+>\n")
            self.assertRegex(control, r"\nDescription: \S.{10,70}\n ")

    def plain(self, path):
        self.ok("gzip", "--decompress", "--keep", path)
        return path.removesuffix(".gz")

    def test_equal_files_make_equal_packages(self):
        self.pack("again")
        for path in glob.glob(self.path("packages", "*.*")):
            with open(path, "rb") as first, open(path.replace("/packages/", "/again/"), "rb") as second:
                self.assertEqual(first.read(), second.read(), path)

    def test_the_archive_has_everything_in_one_folder(self):
        (path,) = glob.glob(self.path("packages", "*.tar.gz"))
        with tarfile.open(path) as archive:
            archive.extractall(self.path("unpacked"))
        (top,) = os.listdir(self.path("unpacked"))
        self.assertRegex(top, rf"\Aspate-{re.escape(consumer.VERSION)}-\w+-\w+\Z")
        folder = self.path("unpacked", top)
        self.ok(os.path.join(folder, "bin", "spate_bench"), "--version")
        for name in ("share/doc/spate/LICENSE", "include/spate/version.h"):
            self.assertTrue(os.path.isfile(os.path.join(folder, name)), name)


if __name__ == "__main__":
    consumer.main()
