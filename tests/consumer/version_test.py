"""The version stands in the CMakeLists.txt at the top, and all that tells it says the same."""

import datetime
import os
import re

import consumer

PROGRAMS = "spate_bench spate_brokers spate_compare spate_conformance spate_proxy spate_stress".split()


def read(*names):
    with open(os.path.join(consumer.SOURCE, *names), encoding="utf-8") as file:
        return file.read()


class Version(consumer.ConsumerTest):
    def test_the_project_has_it(self):
        (version,) = re.findall(r"(?m)^project\(spate VERSION ([\d.]+) ", read("CMakeLists.txt"))
        self.assertEqual(version, consumer.VERSION)

    def test_it_is_the_newest_in_the_changelog(self):
        released = re.findall(r"(?m)^## \[(\d+\.\d+\.\d+)\] - (\d{4}-\d\d-\d\d)$", read("CHANGELOG.md"))
        self.assertEqual(released[0][0], consumer.VERSION)
        versions = [tuple(map(int, version.split("."))) for version, _ in released]
        self.assertEqual(versions, sorted(set(versions), reverse=True))
        days = [datetime.date.fromisoformat(day) for _, day in released]
        self.assertEqual(days, sorted(days, reverse=True))
        headings = re.findall(r"(?m)^## (.*)$", read("CHANGELOG.md"))
        others = [heading for heading in headings if not re.match(r"\[\d", heading)]
        self.assertIn(others, ([], ["[Unreleased]"]), "a heading that is no release")

    def test_every_program_says_it(self):
        for program in PROGRAMS:
            told = self.ok(os.path.join(consumer.BUILD, "bin", program), "--version")
            self.assertEqual(told.strip(), consumer.VERSION, program)

    def test_no_source_says_it_again(self):
        said = []
        for folder in ("bench", "ci/cmake", "compare", "lib"):
            for path, _, names in os.walk(os.path.join(consumer.SOURCE, folder)):
                said += [
                    name for name in names
                    if name.endswith((".cc", ".h", ".in", ".cmake", ".txt"))
                    and re.search(rf"(?<![\d.]){re.escape(consumer.VERSION)}(?![\d.])", read(path, name))
                ]  # fmt: skip
        self.assertEqual(said, [])


if __name__ == "__main__":
    consumer.main()
