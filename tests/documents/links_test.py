"""Each link of the documents within the repository leads to a file, and to a heading that it has."""

import re
import unittest

import commands
from commands import ROOT

# Not within code, where brackets and parentheses mean something else.
CODE = re.compile(r"^```.*?^```$|`[^`\n]*`", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def anchors(text):
    """As GitHub makes them of headings."""
    text = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    for heading in re.findall(r"^#+ (.*)$", text, re.MULTILINE):
        yield re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def links_of(document):
    text = (ROOT / document).read_text(encoding="utf-8")
    return [link for link in LINK.findall(CODE.sub("", text)) if not re.match(r"\w+:", link)]


def is_broken(document, link):
    path, _, anchor = link.partition("#")
    target = (ROOT / document).parent / path if path else ROOT / document
    if not target.exists():
        return True
    return bool(anchor) and anchor not in anchors(target.read_text(encoding="utf-8"))


class Links(unittest.TestCase):
    def test_each_leads_somewhere(self):
        links = [(document, link) for document in commands.documents() for link in links_of(document)]
        self.assertGreater(len(links), 30)
        self.assertEqual([], [pair for pair in links if is_broken(*pair)])


if __name__ == "__main__":
    unittest.main()
