"""Spate as a part of another project's build: FetchContent, and add_subdirectory."""

import os

import consumer


class FetchContent(consumer.ConsumerTest):
    def test_it_brings_the_library_alone(self):
        told = self.build("fetch_content", "build", f"-DSPATE_SOURCE={consumer.SOURCE}")
        self.assert_library_works(self.path("build", "library_user"))
        self.assertNotIn("driver", told)
        self.install()
        self.assertFalse(os.path.exists(self.path("prefix")), "another project installs Spate")

        # Unless it wants to.
        self.build("fetch_content", "build", "-DSPATE_INSTALL=ON")
        self.install()
        self.build("find_package", "finds", f"-DCMAKE_PREFIX_PATH={self.path('prefix')}", f"-DSPATE_VERSION={consumer.VERSION}")
        self.assert_library_works(self.path("finds", "library_user"))
        self.assertTrue(os.path.exists(self.path("prefix", "share", "doc", "spate", "LICENSE")))

    def install(self):
        self.ok("cmake", "--install", self.path("build"), "--prefix", self.path("prefix"))


class AddSubdirectory(consumer.ConsumerTest):
    def test_a_queue_of_its_own_runs_under_the_programs(self):
        done = self.configure(
            "add_subdirectory", "build", f"-DSPATE_SOURCE={consumer.SOURCE}",
            f"-DSPATE_EXAMPLES={consumer.SOURCE}/bench/examples",
        )  # fmt: skip
        self.assertEqual(done.returncode, 0, done.stderr)
        # One of Spate's own programs is enough to see where they are put.
        targets = ("library_user", "own_bench", "own_conformance", "own_stress", "spate_stress")
        self.ok("cmake", "--build", self.path("build"), "--target", *targets)
        self.assert_library_works(self.path("build", "programs", "library_user"))
        self.assert_programs_work(self.path("build", "programs"))
        shared = [name for _, _, names in os.walk(self.path("build")) for name in names if name.endswith(".so")]
        self.assertEqual(shared, [], "BUILD_SHARED_LIBS is the project's own wish")
        self.assertIn("spate_stress", os.listdir(self.path("build", "programs")), "not where the project wants its programs")


class Downloaded(consumer.ConsumerTest):
    """A dependency that was not found is built along; its place is taken by a project with its target."""

    STAND_IN = "project(fmt)\nadd_library(fmt INTERFACE)\nadd_library(fmt::fmt ALIAS fmt)\n"

    def test_libraries_are_not_installed_that_nobody_could_link_to(self):
        os.makedirs(self.path("fmt"))
        with open(self.path("fmt", "CMakeLists.txt"), "w", encoding="utf-8") as file:
            file.write(self.STAND_IN)
        told = self.ok(
            "cmake", "-G", "Ninja", "-S", consumer.SOURCE, "-B", self.path("build"), "-DSPATE_BUILD_BENCH=OFF",
            "-DSPATE_BUILD_TESTS=OFF", "-DCMAKE_DISABLE_FIND_PACKAGE_fmt=ON",
            f"-DFETCHCONTENT_SOURCE_DIR_FMT={self.path('fmt')}", "-DFETCHCONTENT_FULLY_DISCONNECTED=ON",
        )  # fmt: skip
        self.assertIn("-- Only the programs can be installed, not the libraries: what they stand on was downloaded (fmt).", told)
        for component in ("spate_core", "spate_drivers"):
            self.ok("cmake", "--install", self.path("build"), "--component", component, "--prefix", self.path("prefix"))
        self.assertFalse(os.path.exists(self.path("prefix")))


if __name__ == "__main__":
    consumer.main()
