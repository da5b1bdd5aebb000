"""Titles and texts as people write them into issue templates of three ages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from migrator.sandbox.clock import seconds
from migrator.sandbox.worlds.rng import Rng
from migrator.sandbox.worlds.vocabulary import Book, PartWords, Version

KINDS = ("bug", "feature", "question")
_NONE = "_No response_"
_SYSTEMS = (
    "Linux Ubuntu 18.04",
    "Linux Ubuntu 20.04",
    "Windows 10",
    "macOS 11.4",
    "CentOS 7",
    "Debian 10",
    "Google Colab",
)
_TEMPLATES_SINCE = 1_490_000_000
_FORMS_SINCE = 1_620_000_000


@lru_cache(maxsize=16)
def _versions(book: Book) -> tuple[tuple[int, Version], ...]:
    return tuple(
        (seconds(version.until) if version.until else 2**40, version)
        for version in book.words.versions
    )


def version_at(book: Book, at: int) -> Version:
    """The release that was new at that moment."""
    return next(version for until, version in _versions(book) if at < until)


def title_of(book: Book, kind: str, part: PartWords, at: int, dice: Rng) -> str:
    """A title that such an issue of the part could have."""
    what = {"bug": part.bugs, "feature": part.wishes, "question": part.goals}[kind]
    pattern = dice.pick(book.words.titles[kind])
    return pattern.format(
        thing=dice.pick(part.things), what=dice.pick(what), version=version_at(book, at).name
    )


@dataclass(frozen=True, slots=True)
class ReportText:
    """What an author has to say, before it is put into a template."""

    kind: str
    story: str
    code: str
    log: str
    version: str
    language: str
    short: bool


def body_of(
    book: Book, kind: str, part: PartWords, title: str, at: int, dice: Rng, aside: str = ""
) -> str:
    """A text in the template of its time. ``aside`` is one more sentence of the story."""
    story = _story(book, kind, title, dice) + (f" {aside}" if aside else "")
    code = dice.pick(part.code) if dice.chance(0.8) else ""
    log = dice.pick(part.logs) if kind == "bug" and dice.chance(0.6) else ""
    report = ReportText(
        kind,
        story,
        code,
        log,
        version_at(book, at).name,
        language=book.words.code,
        short=book.words.short_forms,
    )
    return _style(at, dice)(report, dice)


def _style(at: int, dice: Rng) -> Callable[[ReportText, Rng], str]:
    if at < _TEMPLATES_SINCE or dice.chance(0.12):
        return _plain
    return _form if dice.chance(0.6 if at > _FORMS_SINCE else 0.08) else _template


def _story(book: Book, kind: str, title: str, dice: Rng) -> str:
    return dice.pick(book.words.openings[kind]).format(title=title)


def _plain(report: ReportText, dice: Rng) -> str:
    pieces = [report.story, f"Version {report.version}, {dice.pick(_SYSTEMS)}."]
    if report.code:
        pieces.append(f"```{report.language}\n{report.code}\n```")
    if report.log:
        pieces.append(f"```\n{report.log}\n```")
    return "\n\n".join(pieces)


def _template(report: ReportText, dice: Rng) -> str:
    if report.short:
        return _short_template(report, dice)
    return (
        _wish_template(report, dice) if report.kind == "feature" else _defect_template(report, dice)
    )


def _wish_template(report: ReportText, dice: Rng) -> str:
    lines = (
        "**System information**",
        f"- Version (you are using): {report.version}",
        f"- Are you willing to contribute it (Yes/No): {dice.pick(('Yes', 'No'))}",
        f"\n**Describe the feature and the current behavior/state.**\n{report.story}",
        "\n**Will this change the current api? How?**",
        "\n**Who will benefit with this feature?**",
        "\n**Any Other info.**\n",
    )
    return "\n".join(lines)


def _defect_template(report: ReportText, dice: Rng) -> str:
    lines = (
        "<em>Please make sure that this is a bug. Questions are answered elsewhere.</em>",
        "\n**System information**",
        f"- Have I written custom code: {dice.pick(('yes', 'no'))}",
        f"- OS Platform and Distribution: {dice.pick(_SYSTEMS)}",
        "- Installed from (source or binary): binary",
        f"- Version (use command below): v{report.version}",
        f"- Python version: 3.{dice.pick((6, 7, 8))}",
        f"- CUDA/cuDNN version: {dice.pick(('10.1 / 7.6', '11.2 / 8.1', ''))}",
        "- GPU model and memory:",
        f"\n**Describe the current behavior**\n{report.story}",
        "\n**Describe the expected behavior**",
        f"\n**Standalone code to reproduce the issue**\n```python\n{report.code}\n```",
        "\n**Other info / logs** Include any logs or source code that would be "
        f"helpful.\n```\n{report.log}\n```\n",
    )
    return "\n".join(lines)


def _short_template(report: ReportText, dice: Rng) -> str:
    lines = (
        f"**Version**\n{report.version}, {dice.pick(_SYSTEMS[:-1])}",
        f"\n**What happened?**\n{report.story}",
        *(
            (f"\n**How to reproduce it**\n```{report.language}\n{report.code}\n```",)
            if report.code
            else ()
        ),
        *((f"\n**Logs**\n```\n{report.log}\n```\n",) if report.log else ()),
    )
    return "\n".join(lines)


def _short_form(report: ReportText, dice: Rng) -> str:
    fields = (
        ("Version", report.version),
        ("Operating system", dice.pick((*_SYSTEMS[:-1], _NONE))),
        ("What happened?", report.story),
        (
            "Steps to reproduce",
            f"```{report.language}\n{report.code}\n```" if report.code else _NONE,
        ),
        ("Log output", f"```shell\n{report.log}\n```" if report.log else _NONE),
    )
    return "\n\n".join(f"### {name}\n\n{value}" for name, value in fields)


def _form(report: ReportText, dice: Rng) -> str:
    if report.short:
        return _short_form(report, dice)
    fields = (
        (
            "Issue type",
            {"bug": "Bug", "feature": "Feature Request", "question": "Support"}[report.kind],
        ),
        ("Have you reproduced the bug with the nightly?", dice.pick(("Yes", "No"))),
        ("Source", dice.pick(("binary", "source"))),
        ("Version", report.version),
        ("Custom code", dice.pick(("Yes", "No"))),
        ("OS platform and distribution", dice.pick((*_SYSTEMS, _NONE))),
        ("Mobile device", _NONE),
        ("Python version", dice.pick(("3.8", "3.9", _NONE))),
        ("Bazel version", _NONE),
        ("GPU model and memory", _NONE),
        ("Current behavior?", report.story),
        (
            "Standalone code to reproduce the issue",
            f"```shell\n{report.code}\n```" if report.code else _NONE,
        ),
        ("Relevant log output", f"```shell\n{report.log}\n```" if report.log else _NONE),
    )
    text = "\n\n".join(f"### {name}\n\n{value}" for name, value in fields)
    return (
        f"<details><summary>Click to expand!</summary> \n \n {text}</details>"
        if dice.chance(0.3)
        else text
    )
