"""The commands of the documents: what stands in their ```sh blocks."""

import pathlib
import re
import subprocess
from dataclasses import dataclass

ROOT = pathlib.Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# A comment begins behind a blank, and not within quotes.
COMMENT = re.compile(r"""^((?:[^'"#]|'[^']*'|"[^"]*"|(?<=\S)#)*)(?:(?<=\s)#.*|^#.*)?$""")


@dataclass(frozen=True)
class Command:
    document: str
    text: str

    def __str__(self):
        return f"{self.document}: {self.text}"


def documents():
    listed = subprocess.run(
        ["git", "-C", ROOT, "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
        check=True, capture_output=True, text=True)  # fmt: skip
    return sorted(listed.stdout.split())


def without_comment(line):
    return COMMENT.match(line)[1].rstrip()


def commands_of(document):
    """In their order, each as one line."""
    text = (ROOT / document).read_text(encoding="utf-8")
    for block in BLOCK.findall(text):
        joined = re.sub(r"\\\n\s*", "", block)
        for line in joined.splitlines():
            if command := without_comment(line):
                yield Command(document, command)


def all_commands():
    return [command for document in documents() for command in commands_of(document)]
