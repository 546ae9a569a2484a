"""lib/README.md names every option that CMake takes, and no other."""

import re
import unittest

from commands import ROOT

DECLARED = (
    re.compile(r"^\s*option\((SPATE_\w+)", re.MULTILINE),
    re.compile(r"^\s*set\((SPATE_[\w${}]+) [^()]*\bCACHE (?:STRING|BOOL|PATH)", re.MULTILINE),
    re.compile(r"^\s*set\(option (SPATE_[\w${}]+)\)", re.MULTILINE),
)


def declared():
    files = [ROOT / "CMakeLists.txt"]
    for folder in ("bench", "ci", "compare", "lib", "tests"):
        files += [path for name in ("CMakeLists.txt", "*.cmake") for path in (ROOT / folder).rglob(name)]
    texts = [path.read_text(encoding="utf-8") for path in files]
    found = {name for text in texts for pattern in DECLARED for name in pattern.findall(text)}
    return {name.replace("${upper}", "<NAME>") for name in found}


def documented():
    text = (ROOT / "lib" / "README.md").read_text(encoding="utf-8")
    return re.findall(r"^\| `(SPATE_[\w<>]+)` \|", text, re.MULTILINE)


class Options(unittest.TestCase):
    def test_the_table_has_each_once(self):
        self.assertGreater(len(declared()), 8)
        self.assertEqual(sorted(documented()), sorted(declared()))


if __name__ == "__main__":
    unittest.main()
