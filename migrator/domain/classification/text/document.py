"""An item's text, taken apart: title, the author's own prose, code, logs, quotes, and the form's
fields."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from migrator.domain.classification.text.blocks import Block, BlockKind, blocks_of
from migrator.domain.classification.text.tracebacks import Traceback, last_traceback
from migrator.domain.classification.text.words import words_of
from migrator.domain.rules.ownership import Role, TemplateRules

LEAD_LENGTH = 400  # characters of prose that count as its beginning
LONGEST = (
    6_000  # characters of one region that are looked at, half from its beginning, half from its end
)
# characters of a line that tell what it is; patterns see no more, so that no line can make them
# slow
TELLING = 200

_LOG_STARTS = frozenset("FTDEWISA0123456789[~/-")
_LOG = re.compile(
    r"""File\ |Traceback\ \(most|\d{4}-\d\d-\d\d[\ T]\d\d:\d\d|[WEIF]\d{4}\ |-{2,}>\ ?\d+|During\ handling\ of
        |\[\[\{|[~/][\w./-]+\.py[:\ ]|Segmentation\ fault|Fatal\ Python|Aborted|(?:WARNING|ERROR|INFO):\w|\d+/\d+\ \[""",
    re.VERBOSE,
)
_ANY_LOG = re.compile(rf"^[ ]*(?:{_LOG.pattern})", re.VERBOSE | re.MULTILINE)
_DATED = re.compile(r"\d{4}-\d\d-\d\d[ T][\d:.]+:? ([A-Z]) ")
_ERROR = re.compile(r"(?:E\s+)?(?:\w+\.)*[A-Z]\w*(?:Error|Exception)(?::\s|:?$)")
_CODE_MARKS = re.compile(r"[=(:@>#)\]}]")
_CODE = re.compile(
    r"""(?:import\ \w|from\ [\w.]+\ import\ |def\ \w+\(|class\ \w+[(:]|>>>|@\w+|print\(|[\w.\[\],\ ]+\ ?=\ ?\S
        |[\w.]+\(.*\)\s*$|(?:for|if|while|with|try|except|return)\b.*[:)]\s*$|\#include|[)\]}]+,?\s*$)""",
    re.VERBOSE,
)
_BRIEF = 40  # characters from which on a field says something
_BEGINNING = 4  # characters of a template line that are looked up first
_TYPES = re.compile(
    r"<class '[^']*'>|['\"`][\w.]+['\"`] object\b|<[\w.]+ object at 0x\w+>"
)  # of values, not of subjects
_BOLD = re.compile(r"\s*\*\*(?P<bold>[^*]+?):?\s*\*\*:?\s*(?P<rest>.*)$")
_FIELD = re.compile(
    r"\s*(?:[-*]\s+)?(?:\*\*)?(?P<label>[^:(]{2,60})(?:\([^)]*\))?[^:]*:(?:\*\*)?\s*(?P<value>.*)$"
)
_NOT_LETTERS = re.compile(r"[^a-z0-9 /-]+|^\s*\d+\s*")


@dataclass(frozen=True, slots=True)
class Region:
    """Text of one kind. ``lower`` are its words in lower case."""

    text: str
    lower: list[str]


@dataclass(frozen=True, slots=True)
class Document:
    """An item's text by region; ``fields`` maps a form's headings (normalised) to what stands
    below them."""

    regions: dict[str, Region]
    fields: dict[str, str]
    traceback: Traceback | None
    has_code: bool
    own_words: int


@lru_cache(maxsize=4096)
def normalised(heading: str) -> str:
    """Return a heading in lower case, without numbering and punctuation, as templates are keyed."""
    return " ".join(_NOT_LETTERS.sub(" ", heading.lower()).split())


class DocumentReader:
    """Takes texts apart with one repository's templates in mind. Prepared once per set of rules."""

    def __init__(self, template: TemplateRules) -> None:
        self._exact = {
            key: role for key, role in template.sections.items() if not key.endswith("*")
        }
        self._prefixes = [
            (key[:-1], role) for key, role in template.sections.items() if key.endswith("*")
        ]
        self._boilerplate = tuple(line.lower() for line in template.lines)
        self._beginnings = frozenset(line[:_BEGINNING] for line in self._boilerplate)
        self._role_of = lru_cache(maxsize=4096)(
            self._find_role
        )  # the same few headings come again and again
        self._noise = tuple(part.lower() for part in template.noise)
        self._empty = frozenset(template.empty_values)

    def read(self, title: str, body: str) -> Document:
        """Return the document of an item; pure, linear in the length of ``body``."""
        sorter = _Sorter(self._role, self._is_boilerplate, self._is_noise)
        for block in blocks_of(body):
            sorter.add(block)
        prose = "\n".join(sorter.texts["prose"])
        texts = {name: "\n".join(lines) for name, lines in sorter.texts.items() if name != "prose"}
        lead, rest = _cut(prose)
        regions = {"title": _region(title), "lead": _region(lead), "prose": _region(rest)}
        regions |= {
            name: _region(_shortened(text))
            for name, text in texts.items()
            if name in ("code", "log")
        }
        fields = {
            name: value for name, value in sorter.fields().items() if not self._is_empty(value)
        }
        return Document(
            regions=regions,
            fields=fields,
            traceback=last_traceback(sorter.trace),
            has_code=bool(texts["code"]),
            own_words=sum(len(regions[name].lower) for name in ("lead", "code", "log"))
            + len(texts["quote"].split()),
        )

    def _role(self, heading: str) -> Role | None:
        """What stands below a heading; no template has one so long that remembering it would
        cost memory."""
        return self._role_of(heading) if len(heading) < TELLING else None

    def _find_role(self, heading: str) -> Role | None:
        key = normalised(heading)
        if key in self._exact:
            return self._exact[key]
        return next((role for prefix, role in self._prefixes if key.startswith(prefix)), None)

    def _is_boilerplate(self, line: str) -> bool:
        text = line.lstrip(" -*#_>(<")
        return text[:_BEGINNING].lower() in self._beginnings and text.lower().startswith(
            self._boilerplate
        )

    def _is_empty(self, value: str) -> bool:
        return len(value) < _BRIEF and value.lower().strip(" *-/") in self._empty

    def _is_noise(self, line: str) -> bool:
        dated = _DATED.match(line) if line[:1].isdigit() else None
        if dated is None:
            return False
        lower = line.lower()
        return dated[1] == "I" or any(part in lower for part in self._noise)


@dataclass(slots=True)
class _Sorter:
    """Puts the lines of one body into regions, keeping track of the section that they stand in."""

    role_of: Callable[[str], Role | None]
    is_boilerplate: Callable[[str], bool]
    is_noise: Callable[[str], bool]
    texts: dict[str, list[str]] = field(
        default_factory=lambda: {"prose": [], "code": [], "log": [], "quote": [], "environment": []}
    )
    trace: list[str] = field(default_factory=list)
    role: Role = "prose"
    heading: str = ""
    below: dict[str, list[str]] = field(default_factory=lambda: {"": []})

    def add(self, block: Block) -> None:
        """Sort one block; a fence goes as a whole where it holds no output, every other line for
        itself."""
        if block.kind is BlockKind.HEADING:
            self._enter(block.lines[0])
        elif block.kind is BlockKind.QUOTE:
            self.texts["quote"].extend(block.lines)
        elif block.kind is BlockKind.FENCED:
            self._fence(block.lines)
        else:
            for line in block.lines:
                if "**" not in line or not self._bold_heading(line):
                    self._plain(line)

    def _fence(self, lines: list[str]) -> None:
        self.below[self.heading].extend(lines)
        if self.role in ("ignore", "environment"):
            self.texts["environment"].extend(lines)
        elif self.role == "log":
            self._log(lines)
        elif not (self.role == "prose" and self.heading) and not _holds_log("\n".join(lines)):
            self.texts["code"].extend(lines)
        else:
            for line in lines:
                self._verbatim(line)

    def fields(self) -> dict[str, str]:
        return {heading: "\n".join(lines).strip() for heading, lines in self.below.items()}

    def _enter(self, heading: str) -> None:
        role = self.role_of(heading)
        self.role = role or "prose"
        self.heading = normalised(heading) if role else ""
        self.below.setdefault(self.heading, [])
        if role is None:
            self.texts["prose"].append(heading)

    def _bold_heading(self, text: str) -> bool:
        bold = _BOLD.match(text) if len(text) < TELLING else None
        if bold is None or self.role_of(bold["bold"]) is None:
            return False
        self._enter(bold["bold"])
        if bold["rest"]:
            self._plain(bold["rest"])
        return True

    def _verbatim(self, line: str) -> None:
        kind = _kind_of(line)
        if kind == "log":
            self._log([line])
        elif kind == "prose" and self.role == "prose" and self.heading:
            self.texts["prose"].append(line)  # some forms render their prose fields as code
        else:
            self.texts["code"].append(line)

    def _plain(self, text: str) -> None:
        if self.is_boilerplate(text):
            if (found := _FIELD.match(text[:TELLING])) and found["value"]:
                self.below.setdefault(normalised(found["label"]), []).append(found["value"])
                self.texts["environment"].append(found["value"])
            return
        self.below[self.heading].append(text)
        if self.role in ("ignore", "environment"):
            self.texts["environment"].append(text)
        elif (kind := _kind_of(text)) == "log":
            self._log([text])
        else:
            self.texts[kind].append(text)

    def _log(self, lines: list[str]) -> None:
        self.texts["log"].extend(line for line in lines if not self.is_noise(line))
        self.trace.extend(lines)


def _holds_log(text: str) -> bool:
    return "Error" in text or "Exception" in text or _ANY_LOG.search(text) is not None


def _kind_of(line: str) -> Literal["log", "code", "prose"]:
    """Tell by its look whether a line that nothing marks is output, code, or what somebody
    wrote."""
    text = line.strip()[:TELLING]
    if text[:1] in _LOG_STARTS and _LOG.match(text):
        return "log"
    if ("Error" in text or "Exception" in text) and _ERROR.match(text):
        return "log"
    if (_CODE_MARKS.search(text) or "import " in text) and _CODE.match(text):
        return "code"
    return "prose"


def _cut(prose: str) -> tuple[str, str]:
    if len(prose) <= LEAD_LENGTH:
        return prose, ""
    end = prose.rfind(" ", 0, LEAD_LENGTH)
    end = end if end > 0 else LEAD_LENGTH
    return prose[:end], _shortened(prose[end:])


def _shortened(text: str) -> str:
    if len(text) <= LONGEST:
        return text
    return text[: LONGEST // 2] + "\n" + text[-LONGEST // 2 :]


def _region(text: str) -> Region:
    if "<class" in text or " object" in text:
        text = _TYPES.sub("", text)
    return Region(text, words_of(text.lower()))
