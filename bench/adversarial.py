"""Texts that are slow to read: more than forty kinds, each in any length. Each aims at a habit
of parsers and patterns."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count, takewhile
from typing import Final

LONGEST: Final = 65_536
"""Characters of an issue or comment at most."""

Kind = Callable[[int], str]


def _repeated(piece: str, start: str = "", end: str = "") -> Kind:
    """``start``, then ``piece`` as often as it fits, then ``end``."""
    return lambda size: start + piece * max(0, (size - len(start) - len(end)) // len(piece)) + end


def _halves(first: str, second: str) -> Kind:
    """One half of ``first``, one half of ``second``."""
    return lambda size: first * (size // 2 // len(first)) + second * (size // 2 // len(second))


def _staircase(size: int) -> str:
    """Lists, each indented deeper than the one before."""
    lines = (f"{'  ' * depth}- a\n" for depth in count())
    total = 0
    found: list[str] = []
    for line in lines:
        total += len(line)
        if total > size:
            return "".join(found)
        found.append(line)
    return ""


def _runs(sign: str) -> Kind:
    """Runs of a sign, each one longer than the one before, so that none of them closes another."""

    def text(size: int) -> str:
        lengths = takewhile(lambda length: length * (length + 3) // 2 < size, count(1))
        return "".join(f"a{sign * length}" for length in lengths)

    return text


def _definitions(size: int) -> str:
    """References to as many definitions."""
    numbers = range(size // 14)
    return (
        "".join(f"[{number}]: x\n" for number in numbers)
        + "\n"
        + "".join(f"[{number}]" for number in numbers)
    )


KINDS: Final[dict[str, Kind]] = {
    "heading of tabs": _repeated("\t", "# keras", "b"),
    "heading of blanks and signs": _repeated(" #", "# a", "b"),
    "heading of signs": _repeated("#"),
    "nested lists on one line": _repeated("- "),
    "nested numbers on one line": _repeated("1. "),
    "nested lists, then blank lines": _halves("- ", "\n"),
    "a staircase of lists": _staircase,
    "nested quotes on one line": _repeated(">"),
    "nested quotes, then short lines": _halves(">", "a\n"),
    "quotes and lists in turn": _repeated("> - " * 15 + "a\n"),
    "quotes and tabs": _repeated(">\t"),
    "open brackets": _repeated("["),
    "open links": _repeated("[a]("),
    "open pictures": _repeated("!["),
    "closed brackets": _repeated("](a"),
    "definitions and references": _definitions,
    "definitions without end": _repeated("[a]:\n"),
    "emphasis without end": _repeated("*a_ "),
    "emphasis of two kinds": _repeated("*a **b "),
    "runs of underscores": _runs("_"),
    "runs of backticks": _runs("`"),
    "fences": _repeated("```\n"),
    "fences with backticks behind": _repeated("``` a`\n"),
    "a fence of one line": _repeated("`", "", "a`"),
    "open tags": _repeated("<a "),
    "open attributes": _repeated("<a href='"),
    "nested elements": _repeated("<b>"),
    "nested tables": _repeated("<table><td>"),
    "open comments": _repeated("a <!-- "),
    "open comments of ours": _repeated("<!-- migrator:1 "),
    "open sections": _repeated("a <![CDATA[ "),
    "wide table": _halves("|a", "\n|-"),
    "long table": _repeated("x\n", "|a" * 200 + "\n" + "|-" * 200 + "\n"),
    "blank lines": _repeated("\n"),
    "carriage returns and null bytes": _repeated("\r\0"),
    "blanks": _repeated(" ", "a", "b"),
    "commands": _repeated("/reopen\n"),
    "references and closing words": _repeated("closes  github.com/tensorflow/tensorflow/issues/1 "),
    "addresses": _repeated("https://github.com//a//b//issues"),
    "mentions and entities": _repeated("@a#1&#64;"),
    "dotted names": _repeated("tf.keras."),
    "log lines": _repeated("2020-01-01 00:00:00.0: E /a.py.py.py "),
    "errors": _repeated("a.aError: "),
    "tracebacks": _repeated('  File "a.py", line 1, in a\nValueError: '),
    "assignments": _repeated("a = b.c(d) "),
    "types of values": _repeated("<class '<class \"a"),
    "bold labels": _repeated("**a**b: "),
    "form fields": _repeated("- **OS (e.g., a)**: b\n"),
    "questions without space": _repeated("Hi.Any update?"),
    "encoded words": _repeated("=?utf-8?q?a"),
    "signs beyond the basic plane": _repeated("\U0001f468\u200d"),
}
"""Name -> the text of about so many characters."""


def patch(text: str) -> str:
    """A patch whose subject, message, file name, context and changes are that text."""
    line = text.replace("\n", " ").replace("\r", " ")
    third = len(text) // 4
    return (
        f"From {'0' * 40} Mon Sep 17 00:00:00 2001\nFrom: {line[:third]} "
        f"<a@example.com>\nSubject: [PATCH] {line[:third]}\n\n"
        f"{text[:third]}\n---\ndiff --git a/{line[:third]} b/{line[:third]}\n--- "
        "a/tensorflow/python/keras/a.py\n"
        f"+++ b/tensorflow/python/keras/a.py\n@@ -1,1 +1,2 @@ {line[:third]}\n "
        f"{line[:third]}\n+{line[:third]}\n-- \n2.0\n"
    )
