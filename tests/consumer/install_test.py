"""Spate as `cmake --install` leaves it, in a place where it was then moved to."""

import os
import re

import consumer

PROGRAMS = "spate_bench spate_brokers spate_compare spate_conformance spate_proxy spate_stress".split()
ARCHIVES = "spate spate_bench spate_bench_main spate_compare_core spate_conformance_main spate_drivers spate_proxy spate_queues spate_stress_main".split()
# moodycamel's header has no file of pkg-config's that could be asked: a folder of the system may be named.
SYSTEM_FOLDERS = re.compile(r"-isystem /usr/(local/)?include/[\w/]+")


class Install(consumer.ConsumerTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ok("cmake", "--install", consumer.BUILD, "--prefix", cls.path("first"))
        os.rename(cls.path("first"), cls.path("moved away"))
        cls.prefix = cls.path("moved away")
        (config,) = cls.installed("spate-config.cmake")
        cls.lib = os.path.dirname(os.path.dirname(os.path.dirname(config)))

    @classmethod
    def installed(cls, *names):
        return [
            os.path.join(folder, name) for folder, _, files in os.walk(cls.prefix) for name in files
            if not names or name in names
        ]  # fmt: skip

    def find_package(self, name, *flags, **options):
        return self.configure("find_package", name, f"-DCMAKE_PREFIX_PATH={self.prefix}", *flags, **options)

    def pkg_config(self, *arguments):
        env = consumer.environment(PKG_CONFIG_PATH=os.path.join(self.lib, "pkgconfig"))
        return consumer.run("pkg-config", *arguments, env=env)

    def compile(self, source, module, *flags, main=""):
        """Compiles a file with what pkg-config says, as the shell reads it; returns the program."""
        told = self.pkg_config("--cflags", "--libs", *flags, module)
        self.assertEqual(told.returncode, 0, told.stderr)
        program = self.path(module)
        self.ok("sh", "-c", f'"$0" -std=c++20 "$1" -o "$2" {main} {told.stdout}', consumer.CXX, source, program)
        return program

    def test_all_is_there(self):
        self.assertEqual(sorted(os.listdir(os.path.join(self.prefix, "bin"))), PROGRAMS)
        archives = [name for name in os.listdir(self.lib) if name.endswith(".a")]
        self.assertEqual(sorted(archives), sorted(f"lib{name}.a" for name in ARCHIVES))
        documents = os.path.join(self.prefix, "share", "doc", "spate")
        for name in ("LICENSE", "README.md", "CHANGELOG.md", "lib/README.md", "bench/examples/own_queue.cc"):
            self.assertTrue(os.path.isfile(os.path.join(documents, name)), name)

    def test_every_header_of_the_interface_finds_what_it_includes(self):
        headers = os.path.join(self.prefix, "include")
        found = [os.path.relpath(path, headers) for path in self.installed() if path.startswith(headers)]
        for name in ("spate/version.h", "spate/drivers/broker.h", "spate/proxy/proxy.h", "spate/bench/programs.h"):
            self.assertIn(name, found)
        with open(self.path("all.cc"), "w", encoding="utf-8") as file:
            file.writelines(f'#include "{name}"\n' for name in sorted(found))
            file.write("int main() {}\n")
        self.compile(self.path("all.cc"), "spate-bench")

    def test_nothing_of_the_machine_that_built_it_is_in_what_others_read(self):
        folders = (os.path.join(self.lib, "cmake"), os.path.join(self.lib, "pkgconfig"), os.path.join(self.prefix, "include"))
        read = [path for path in self.installed() if path.startswith(folders)]
        self.assertGreater(len(read), 50)
        for path in read:
            with open(path, encoding="utf-8") as file:
                text = SYSTEM_FOLDERS.sub("", file.read())
            for folder in (consumer.SOURCE, consumer.BUILD, self.folder, "/usr/"):
                self.assertNotIn(folder, text, path)

    def test_programs_run_without_the_build(self):
        for program in PROGRAMS:
            told = self.ok(os.path.join(self.prefix, "bin", program), "--version")
            self.assertEqual(told.split()[-1], consumer.VERSION, program)
        dynamic = self.ok("readelf", "--dynamic", os.path.join(self.prefix, "bin", "spate_stress"))
        self.assertNotRegex(dynamic, "RUNPATH|RPATH")

    def test_a_project_finds_the_library_alone(self):
        self.build(
            "find_package", "alone", f"-DCMAKE_PREFIX_PATH={self.prefix}", f"-DSPATE_VERSION={consumer.VERSION}",
            "-DCMAKE_DISABLE_FIND_PACKAGE_benchmark=ON", "-DCMAKE_DISABLE_FIND_PACKAGE_PkgConfig=ON",
        )  # fmt: skip
        self.assert_library_works(self.path("alone", "library_user"))

    def test_a_queue_of_ones_own_runs_under_the_programs(self):
        examples = os.path.join(self.prefix, "share", "doc", "spate", "bench", "examples")
        self.build(
            "find_package", "bench", f"-DCMAKE_PREFIX_PATH={self.prefix}", f"-DSPATE_VERSION={consumer.VERSION}",
            f"-DSPATE_EXAMPLES={examples}",
        )  # fmt: skip
        self.assert_programs_work(self.path("bench"))

    def test_another_minor_version_is_not_taken_while_the_first_number_is_0(self):
        major, minor, patch = consumer.VERSION.split(".")
        for version in (f"{major}.{int(minor) + 1}", f"{major}.{int(minor) - 1}", f"{major}.{minor}.{int(patch) + 1}", f"{int(major) + 1}"):
            told = self.refused("refused", f"-DSPATE_VERSION={version}")
            self.assertRegex(told, rf"not accepted: \S.*spate-config.cmake, version: {consumer.VERSION}")

    def refused(self, name, *flags, **options):
        """What CMake said of a project that must not be configured, in one line."""
        done = self.find_package(name, *flags, **options)
        self.assertNotEqual(done.returncode, 0)
        return " ".join(done.stderr.split())

    def test_what_is_not_required_may_be_missing(self):
        nothing = consumer.environment(PKG_CONFIG_LIBDIR=self.path("nothing"))
        for what, flag, env in (
            ("modules", "", nothing), ("pkg-config", f"-DPKG_CONFIG_EXECUTABLE={self.path('none')}", None),
            ("benchmark", "-DCMAKE_DISABLE_FIND_PACKAGE_benchmark=ON", None),
        ):  # fmt: skip
            with self.subTest(lacking=what):
                done = self.find_package(f"without_{what}", "-DSPATE_OPTIONAL=bench", *filter(None, [flag]), env=env)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertIn("-- component bench of Spate: FALSE", done.stdout)
        self.assertIn("benchmark", self.refused("required", "-DSPATE_EXAMPLES=.", "-DCMAKE_DISABLE_FIND_PACKAGE_benchmark=ON"))

    def test_what_is_missing_is_named(self):
        nothing = consumer.environment(PKG_CONFIG_LIBDIR=self.path("nothing"))
        told = self.refused("no_client", "-DSPATE_EXAMPLES=.", env=nothing)
        self.assertIn("pkg-config does not find hiredis, which component drivers of Spate needs.", told)

        (queue,) = re.findall(r"-isystem (\S+)", self.pkg_config("--cflags", "spate").stdout)
        told = self.refused("no_header", f"-DCMAKE_IGNORE_PATH={queue}")
        self.assertIn("concurrentqueue.h was not found. On Debian and Ubuntu: apt-get install libconcurrentqueue-dev. Else", told)

        (part,) = self.installed("spate-bench.cmake")
        os.rename(part, self.path("put aside"))
        self.addCleanup(os.rename, self.path("put aside"), part)
        told = self.refused("no_bench", "-DSPATE_EXAMPLES=.")
        self.assertIn("this Spate has no component 'bench'. There are core, drivers and bench, where they were", told)

    def test_pkg_config_leads_to_the_library(self):
        source = os.path.join(consumer.HERE, "library_user.cc")
        self.assert_library_works(self.compile(source, "spate"))
        self.assert_library_works(self.compile(source, "spate", "--static"))
        self.assertEqual(self.pkg_config("--modversion", "spate").stdout.strip(), consumer.VERSION)

    def test_pkg_config_leads_to_the_programs_as_functions(self):
        examples = os.path.join(self.prefix, "share", "doc", "spate", "bench", "examples")
        program = self.compile(os.path.join(examples, "own_queue.cc"), "spate-bench", main="-lspate_stress_main")
        self.ok(program, "--real=mine", "--rate=1000", "--duration=0.1s", f"--output={self.path('own.json')}")
        self.assert_clean(self.path("own.json"), "mine")

    def test_the_commands_of_the_document_do_what_it_says(self):
        """From the root of a built clone, which stands here without its other files."""
        with open(os.path.join(consumer.SOURCE, "lib", "README.md"), encoding="utf-8") as file:
            section = file.read().split("\n## Installing, and using it from CMake\n")[1].split("\n## ")[0]
        commands = re.findall(r"(?ms)^```sh\n(.*?)^```$", section)
        self.assertGreaterEqual(len(commands), 3)
        os.makedirs(self.path("clone", "build"))
        os.symlink(consumer.BUILD, self.path("clone", "build", "release"))
        os.symlink(os.path.join(consumer.SOURCE, "lib"), self.path("clone", "lib"))
        told = self.ok("sh", "-e", "-c", "".join(commands), cwd=self.path("clone"))
        self.assertIn(" parcels delivered in ", told)
        self.assertIn("bin", os.listdir(self.path("clone", "build", "installed")))
        self.assertIn(f"spate_{consumer.VERSION}_", " ".join(os.listdir(self.path("clone", "build", "packages"))))


if __name__ == "__main__":
    consumer.main()
