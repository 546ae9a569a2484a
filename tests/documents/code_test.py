"""The code that the documents show is code that is built and tested."""

import re
import unittest

from commands import ROOT

EXAMPLE = ROOT / "bench" / "examples" / "own_queue.cc"
BLOCK = re.compile(r"^```cpp\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def shown(document):
    text = (ROOT / document).read_text(encoding="utf-8")
    return [block for block in BLOCK.findall(text) if "SPATE_DELIVERY(" in block]


class Code(unittest.TestCase):
    def test_a_queue_of_ones_own_is_the_example(self):
        example = EXAMPLE.read_text(encoding="utf-8")
        for document in ("README.md", "bench/README.md"):
            blocks = shown(document)
            self.assertEqual(1, len(blocks), document)
            self.assertEqual(example[example.index("#include"):], blocks[0], document)


if __name__ == "__main__":
    unittest.main()
