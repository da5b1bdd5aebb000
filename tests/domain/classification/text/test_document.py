"""Bodies taken apart: template, prose, code, logs, quotes, fields."""

from __future__ import annotations

import pytest

from migrator.domain.classification.text.document import (
    LEAD_LENGTH,
    LONGEST,
    Document,
    DocumentReader,
)
from migrator.domain.rules.ownership import TemplateRules

TEMPLATE = TemplateRules(
    sections={
        "what happens": "prose",
        "steps*": "code",
        "output": "log",
        "device": "environment",
        "checks": "ignore",
    },
    lines=("garden version", "please make sure"),
    noise=("pump warmed up",),
)


def read(body: str, title: str = "The tap") -> Document:
    """A document in the house's templates."""
    return DocumentReader(TEMPLATE).read(title, body)


def text(document: Document, region: str) -> str:
    """The text of one region."""
    return document.regions[region].text.strip()


def test_prose_code_and_quotes_are_kept_apart() -> None:
    """Only what the author says is prose."""
    found = read("It drips.\n\n```python\ntap = garden.Tap()\n```\n\n> not mine\n")
    assert (text(found, "lead"), text(found, "code")) == ("It drips.", "tap = garden.Tap()")
    assert "not mine" not in str(found.regions)


def test_output_inside_code_goes_to_the_log() -> None:
    """Authors paste both into one fence."""
    found = read(
        '```\ntap.turn()\nTraceback (most recent call last):\n  File "x.py", line 1, in '
        "y\nTapError: stuck\n```"
    )
    assert text(found, "code") == "tap.turn()"
    assert found.traceback is not None
    assert (found.traceback.files, found.traceback.error) == (("x.py",), "TapError")


def test_raw_code_and_output_without_fences_are_no_prose() -> None:
    """They are told by how their lines look."""
    found = read(
        "It drips when I run\nimport garden\ntap = garden.Tap(size=3)\nTapError: stuck\nand I "
        "wonder why"
    )
    assert text(found, "lead") == "It drips when I run\nand I wonder why"
    assert text(found, "code") == "import garden\ntap = garden.Tap(size=3)"
    assert text(found, "log") == "TapError: stuck"


def test_a_prose_field_rendered_as_code_is_prose() -> None:
    """Some forms wrap every answer in a fence."""
    found = read("### What happens?\n\n```shell\nThe tap drips at night\n```\n")
    assert (text(found, "lead"), text(found, "code")) == ("The tap drips at night", "")


@pytest.mark.parametrize(
    "heading",
    [
        "### Steps to reproduce",
        "**Steps to reproduce**",
        "**Steps to reproduce:**",
        "## 3. Steps to take",
    ],
)
def test_sections_are_known_however_their_heading_is_written(heading: str) -> None:
    """ATX or bold, with number or colon."""
    assert "steps to" in next(iter(read(f"{heading}\n\nturn it on\n").fields))


def test_ignored_sections_and_template_lines_say_nothing() -> None:
    """They are the template's words, not the author's."""
    found = read(
        "Please make sure that this is about taps.\n- Garden version (use the command): "
        "2.1\n\n### Checks\n\ntap hose pump\n"
    )
    assert text(found, "lead") == ""
    assert found.own_words == 0
    assert found.fields["garden version"] == "2.1"


@pytest.mark.parametrize("answer", ["", "_No response_", "N/A", "no", "-", "**-**"])
def test_an_empty_answer_is_no_field(answer: str) -> None:
    """Only answers count."""
    assert "device" not in read(f"### Device\n\n{answer}\n").fields


def test_a_heading_of_the_authors_own_is_prose() -> None:
    """And ends the section before it."""
    found = read("### Device\n\nphone\n\n### The drip\n\nIt drips\n")
    assert text(found, "lead") == "The drip\nIt drips"
    assert found.fields["device"] == "phone"


def test_type_names_inside_messages_are_not_subjects() -> None:
    """`<class 'house.Wall'>` says what a value was, not what the issue is about."""
    found = read(
        "", title="TypeError: cannot store <class 'house.wall.Wall'>, 'house.Door' object is no tap"
    )
    assert "wall" not in found.regions["title"].lower
    assert "tap" in found.regions["title"].lower


def test_what_every_start_prints_is_no_evidence() -> None:
    """Lines of level information, and the listed ones; warnings otherwise count."""
    found = read(
        "### Output\n\n```\n2022-01-01 10:00:00.123: I house/pipes.cc:7] pipes found\n"
        "2022-01-01 10:00:01.123: W house/pump.cc:7] Pump warmed up\n"
        "2022-01-01 10:00:02.123: W house/roof.cc:7] roof is open\n```\n"
    )
    log = text(found, "log")
    assert ("pipes" in log, "warmed" in log, "roof is open" in log) == (False, False, True)


def test_the_lead_is_cut_between_words() -> None:
    """And the rest follows in the prose."""
    found = read("drip " * 200)
    assert len(text(found, "lead")) <= LEAD_LENGTH
    assert len(found.regions["lead"].lower) + len(found.regions["prose"].lower) == 200


def test_of_very_long_logs_beginning_and_end_are_read() -> None:
    """The middle is never where it says what went wrong."""
    found = read("### Output\n\n```\nfirst\n" + "noise\n" * LONGEST + "last\n```\n")
    assert len(found.regions["log"].text) <= LONGEST + 1
    assert found.regions["log"].lower[0] == "first"
    assert found.regions["log"].lower[-1] == "last"


@pytest.mark.parametrize(
    "line", ["(" * 50_000, "x." * 30_000, "** " * 20_000, "a = " * 20_000, "E " * 20_000 + "Error"]
)
def test_no_line_makes_reading_slow(line: str) -> None:
    """Patterns see only the beginning of a line; a verdict that hangs would meet the timeout of
    the suite."""
    for body in (line, f"```\n{line}\n```", f"### Output\n```\n{line}Error\n```", f"**{line}**"):
        read(body * 3)
