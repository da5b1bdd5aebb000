"""Public names that the text refers to: ours (``tf.keras.layers.Dense``), the source project's
(``tf.pad``), other libraries'."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from migrator.domain.classification.signals.base import Finding, ParsedItem, Signal
from migrator.domain.rules import MigrationFile

FINDINGS: Final = {
    "REGION.ours-api": (
        "a dotted name in a module of ours; in code it counts the more, the more there are"
    ),
    "REGION.source-api": "a dotted name of the source project that is not ours",
    "code.share": "the share of ours among the names that the code uses",
    "code.without-ours": "code that uses the source project and nothing of ours",
    "code.foreign": "code that imports a library of another project",
}
"""What it can find, and what each means."""

_IMPORT = re.compile(r"^\s*(?:>>>\s*)?(?:import|from)\s+([A-Za-z_]\w*)", re.MULTILINE)
_DOTTED = re.compile(r"\w+(?:\.\w+)+")
_INSIDE = frozenset("._/-")  # before a name: it is the middle of a longer one, or of a path
_NO_INTERFACES = (
    ".org",
    ".io",
    ".com",
    ".py",
    "Error",
    "Exception",
)  # addresses, files, and what was raised
_PLENTY = 3  # names of ours in code from which on their number says nothing more


class References(NamedTuple):
    """Distinct dotted names found in one text, in order of appearance."""

    ours: list[str]
    source: list[str]


class Names:
    """Tells dotted names apart by their longest known beginning. Prepared once."""

    def __init__(self, file: MigrationFile) -> None:
        modules = file.ownership.modules
        moved = [
            module
            for part in file.parts
            for path in part.paths
            for module in (path.old_module, path.new_module)
        ]
        self._ours = frozenset(m for m in (*modules.ours, *moved) if m)
        self._inside = tuple(f"{module}." for module in self._ours)
        self._plain = frozenset(modules.plain)
        roots = sorted({name.split(".")[0] for name in (*self._ours, *modules.source)})
        self.roots = frozenset(roots)
        self._beginnings = tuple(f"{root}." for root in roots)

    def in_text(self, text: str) -> References:
        """Return the names of ours and of the source project in ``text``; web addresses and
        plain names are left out."""
        if "." not in text:
            return References([], [])
        found = dict(sorted(self._places(text)))
        names = [
            name
            for name in dict.fromkeys(found.values())
            if not name.endswith(_NO_INTERFACES) and name not in self._plain
        ]
        ours = [name for name in names if self.is_ours(name)]
        return References(ours, [name for name in names if not self.is_ours(name)])

    def _places(self, text: str) -> Iterator[tuple[int, str]]:
        for beginning in self._beginnings:
            at = text.find(beginning)
            while at >= 0:
                before = text[at - 1 : at]
                if not (before.isalnum() or before in _INSIDE) and (
                    name := _DOTTED.match(text, at)
                ):
                    yield at, name[0]
                at = text.find(beginning, at + len(beginning))

    def is_ours(self, name: str) -> bool:
        """Whether a dotted name lies in a module of ours."""
        return name.startswith(self._inside) or name in self._ours

    def foreign_imports(self, code: str) -> list[str]:
        """Return libraries that ``code`` imports and that are neither ours, the source's, plain,
        nor Python's own."""
        roots = dict.fromkeys(_IMPORT.findall(code)) if "import" in code else {}
        known = self.roots | self._plain | sys.stdlib_module_names
        return [root for root in roots if root not in known]


def prepare(file: MigrationFile) -> Signal:
    """Return the signal: ``REGION.ours-api``, ``REGION.source-api``, ``code.share``,
    ``code.without-ours``, ``code.foreign``."""
    names = Names(file)

    def find(reading: ParsedItem) -> Iterator[Finding]:
        regions = reading.document.regions
        for region in ("title", "lead", "prose"):
            yield from _mentions(region, names.in_text(regions[region].text))
        code = regions["code"].text
        if code:
            yield from _balance(names.in_text(code))
            yield from _foreign(names.foreign_imports(code))

    return find


def _mentions(region: str, references: References) -> Iterator[Finding]:
    if references.ours:
        yield Finding(f"{region}.ours-api", seen=references.ours[0])
    if references.source:
        yield Finding(f"{region}.source-api", seen=references.source[0])


def _balance(references: References) -> Iterator[Finding]:
    ours, source = len(references.ours), len(references.source)
    if ours:
        seen = f"{ours} of {ours + source} names"
        yield Finding("code.ours-api", value=min(ours, _PLENTY) / _PLENTY, seen=seen)
        yield Finding("code.share", value=ours / (ours + source), seen=seen)
    elif source:
        yield Finding("code.without-ours", seen=references.source[0])


def _foreign(libraries: Iterable[str]) -> Iterator[Finding]:
    for library in libraries:
        yield Finding("code.foreign", seen=library)
        return
