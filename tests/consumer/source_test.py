"""Spate as a part of another project's build: FetchContent, and add_subdirectory."""

import os

import consumer


class FetchContent(consumer.ConsumerTest):
    def test_it_brings_the_library_alone(self):
        told = self.build("fetch_content", "build", f"-DSPATE_SOURCE={consumer.SOURCE}")
        self.assert_library_works(self.path("build", "library_user"))
        self.assertNotIn("driver", told)
        self.ok("cmake", "--install", self.path("build"), "--prefix", self.path("prefix"))
        self.assertFalse(os.path.exists(self.path("prefix")), "another project installs Spate")


class AddSubdirectory(consumer.ConsumerTest):
    def test_a_queue_of_its_own_runs_under_the_programs(self):
        self.build(
            "add_subdirectory", "build", f"-DSPATE_SOURCE={consumer.SOURCE}",
            f"-DSPATE_EXAMPLES={consumer.SOURCE}/bench/examples",
        )  # fmt: skip
        self.assert_library_works(self.path("build", "programs", "library_user"))
        self.assert_programs_work(self.path("build", "programs"))
        self.assertEqual(
            sorted(name for name in os.listdir(self.path("build", "programs")) if name.startswith("spate_")), [],
            "Spate's programs are among the project's",
        )  # fmt: skip


if __name__ == "__main__":
    consumer.main()
