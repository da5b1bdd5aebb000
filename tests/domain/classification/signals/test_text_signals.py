"""Topics, names of interfaces, errors, form fields, title terms, and whether they agree."""

from __future__ import annotations

from typing import Any

import pytest

from migrator.domain.classification.signals import (
    agreement,
    errors,
    form,
    interfaces,
    terms,
    topics,
)
from migrator.domain.classification.signals.base import Finding
from tests.support.dated_items import findings, house, names
from tests.support.threads import migration_file, pull_request


def trace(*frames: str, error: str = "ValueError: no") -> str:
    """A body that holds a traceback of these files."""
    lines = [f'  File "{path}", line 1, in f' for path in frames]
    return "\n".join(["```", "Traceback (most recent call last):", *lines, error, "```"])


def test_a_topic_is_found_where_it_is_named() -> None:
    """Once per region, with the word that was seen."""
    found = findings(
        topics, title="The rose by the apple tree", body="A tile fell.\n```\nRose(tile)\n```"
    )
    assert sorted((f.name, f.seen) for f in found) == [
        ("code.plants", "Rose"),
        ("code.roof", "tile"),
        ("lead.roof", "tile"),
        ("title.plants", "rose"),
    ]


def test_a_word_with_a_star_stands_for_every_word_that_begins_so() -> None:
    """In any case among the words, in exact case among the names."""
    rules = house(
        topics={"aws": {"owner": "ours", "prior": 1.0, "words": ("aws_*",), "names": ("Bucket*",)}}
    )
    assert [f.seen for f in findings(topics, file=rules, title="AWS_S3_bucket is gone")] == [
        "aws_s3_bucket"
    ]
    assert [f.seen for f in findings(topics, file=rules, title="a BucketPolicy is gone")] == [
        "BucketPolicy"
    ]
    assert findings(topics, file=rules, title="a bucketpolicy of aws is gone") == []


def test_priors_of_topics_are_signed_and_scaled_by_region() -> None:
    """A topic may have factors of its own."""
    priors = topics.priors(house())
    assert (priors["title.plants"], priors["title.roof"], priors["lead.roof"]) == (2.0, -3.0, -3.0)
    assert priors["lead.plants"] == pytest.approx(2.0 * house().ownership.regions["lead"])


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("house.garden.Rose dies", ["title.ours-api"]),
        ("house.garden dies", ["title.ours-api"]),
        ("house.gardens dies", ["title.source-api"]),
        ("house.pad of house.garden.Rose", ["title.ours-api", "title.source-api"]),
        ("my.house.pad is not yours", []),
        ("see house.org", []),
        ("ask house.size", []),
        ("house", []),
    ],
)
def test_dotted_names_are_told_apart_by_their_longest_known_beginning(
    title: str, expected: list[str]
) -> None:
    """Web addresses, plain names and other people's modules are no interfaces of the project."""
    assert names(findings(interfaces, title=title)) == expected


def test_code_is_weighed_by_whose_names_it_uses() -> None:
    """The share is of different names, however often each is called."""
    body = "```\nimport numpy\nhouse.garden.Rose()\nhouse.garden.Rose()\nhouse.pad(1)\n```"
    found = {f.name: f.value for f in findings(interfaces, body=body)}
    assert found == {"code.ours-api": pytest.approx(1 / 3), "code.share": 0.5}


def test_code_without_a_name_of_ours_speaks_against() -> None:
    """If it uses the project at all."""
    assert names(findings(interfaces, body="```\nhouse.pad(1)\n```")) == ["code.without-ours"]
    assert findings(interfaces, body="```\nx = 1\n```") == []


@pytest.mark.parametrize(
    ("line", "foreign"),
    [("import birdhouse", True), ("from os import path", False), ("import numpy", False)],
)
def test_only_other_peoples_libraries_are_foreign(line: str, foreign: bool) -> None:
    """Python's own and the plain ones are not."""
    assert ("code.foreign" in names(findings(interfaces, body=f"```\n{line}\n```"))) is foreign


@pytest.mark.parametrize(
    ("frames", "expected"),
    [
        (("run.py", "/x/site-packages/house/garden/rose.py"), "error.ours"),
        (
            ("/x/site-packages/house/garden/rose.py", "/x/site-packages/house/roof.py"),
            "error.source",
        ),
        (
            ("/x/site-packages/house/garden/rose.py", "/x/site-packages/birds/nest.py"),
            "error.foreign",
        ),
        (("/x/site-packages/house/garden/rose.py", "run.py"), "error.author"),
        (
            ("run.py", "/x/site-packages/house/roof.py", "/x/site-packages/house/garden/gate.py"),
            "error.source",
        ),
    ],
)
def test_the_last_frame_that_acts_is_the_producer(frames: tuple[str, ...], expected: str) -> None:
    """A frame of ours further up only passed the error on, and some files never do more than
    that."""
    assert names(findings(errors, body=trace(*frames)))[0] == expected


@pytest.mark.parametrize(
    "frame",
    [
        "/usr/lib/python3.8/copy.py",
        "~/miniconda3/envs/tf/lib/python3.10/threading.py",
        "/Library/Frameworks/Python.framework/Versions/3.9/lib/python3.9/json/encoder.py",
        "C:\\Users\\me\\AppData\\Local\\Programs\\Python\\Python39\\lib\\json\\encoder.py",
        "D:\\Anaconda3\\Lib\\copy.py",
    ],
)
def test_a_frame_of_pythons_own_library_is_neither_the_authors_nor_at_fault(frame: str) -> None:
    """Whoever called it is."""
    assert (
        names(findings(errors, body=trace("/site-packages/house/garden/rose.py", frame)))[0]
        == "error.ours"
    )
    assert names(findings(errors, body=trace(frame))) == []


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("TypeError: cannot use <shed.tools.Rake object at 0x7f0>", ["shed"]),
        ("TypeError: cannot use <class 'shed.tools.Rake'>", ["shed"]),
        ("TypeError: cannot use <class 'house.garden.Rake'>", []),
        ("TypeError: cannot use <class 'numpy.ndarray'>", []),
        ("TypeError: cannot use <__main__.Rake object at 0x7f0>", []),
        ("TypeError: cannot use <class 'collections.OrderedDict'>", []),
    ],
)
def test_a_value_of_somebody_elses_type_in_the_message_is_noted(
    message: str, expected: list[str]
) -> None:
    """Who made it is named; types of ours, of the source, of plain libraries and of the author
    say nothing."""
    found = findings(errors, body=trace("/site-packages/house/garden/rose.py", error=message))
    assert [one.seen for one in found if one.name == "error.foreign-value"] == expected


def test_errors_of_compiled_code_are_its_own_whoever_called() -> None:
    """Their type tells."""
    body = trace("/x/site-packages/house/garden/rose.py", error="house.errors.PumpError: dry")
    assert names(findings(errors, body=body)) == ["error.kernel"]


def test_errors_of_devices_are_told_from_other_compiled_code() -> None:
    """A device that fails says less about the caller than an argument that is refused."""
    body = trace("/x/site-packages/house/garden/rose.py", error="house.errors.FloodError: wet")
    assert names(findings(errors, body=body)) == ["error.device"]


def test_what_was_raised_is_no_interface_that_is_spoken_of() -> None:
    """Titles are often the last line of a traceback."""
    assert (
        names(
            findings(
                interfaces, title="house.errors.PumpError: dry", body="Why does it happen to me?"
            )
        )
        == []
    )
    assert names(
        findings(interfaces, title="house.errors.Pump is dry", body="Why does it happen to me?")
    ) == ["title.source-api"]


@pytest.mark.parametrize(
    "fields",
    [
        {"title": "House.garden.rose: The House fell down", "body": "Each time."},
        {"title": "Rose", "body": "I water the rose and the house fell down."},
        {
            "title": "Rose",
            "body": (
                "Why?\n\n```\n2022-05-01 10:00:00.1: F walls.cc:7] The house fell down (dust)\n```"
            ),
        },
    ],
)
def test_a_process_that_was_ended_was_ended_by_compiled_code(fields: dict[str, Any]) -> None:
    """Code that raises exceptions cannot end a process: title, lead or log tell how it ended, in
    any case."""
    found = findings(errors, **fields)
    assert [(one.name, one.seen) for one in found] == [("error.abort", "the house fell down")]


def test_an_exception_at_the_end_is_no_aborted_process() -> None:
    """Where an exception was raised in the end, its own frames say who produced it."""
    body = f"The house fell down once.\n\n{trace('/x/site-packages/house/garden/rose.py')}"
    assert names(findings(errors, body=body)) == ["error.ours"]


def test_how_a_process_ended_is_not_read_from_code() -> None:
    """A program that prints the words has not ended by them."""
    body = 'It prints.\n\n```python\nprint("the house fell down")\n```'
    assert names(findings(errors, body=body)) == []


def test_that_an_error_came_through_ours_is_noted_apart() -> None:
    """It is a weak sign, and never the producer."""
    found = findings(
        errors,
        body=trace("/x/site-packages/house/garden/rose.py", "/x/site-packages/house/roof.py"),
    )
    assert names(found) == ["error.source", "error.through-ours"]


def test_watched_fields_of_the_form_are_found_with_their_answer() -> None:
    """Those that have a weight."""
    rules = house(template={"sections": {"device": "environment", "colour": "environment"}})
    found = findings(
        form,
        file=rules,
        body="### Device\n\nphone\n\n### Colour\n\nred\n\n### More\n\nit really does drip",
    )
    assert [(f.name, f.seen) for f in found] == [("form.device", "phone")]


@pytest.mark.parametrize("body", ["", "\n\n", "<!-- fill this in -->", "ok"])
def test_an_empty_issue_is_for_a_person(body: str) -> None:
    """A title alone does not say whose it is."""
    assert [f.contradiction for f in findings(form, body=body)] == ["the issue is empty"]


def test_an_empty_pull_request_is_not_empty() -> None:
    """Its paths speak."""
    assert findings(form, item=pull_request({"changed_paths": ("garden/a",)}, body="")) == []


def test_title_terms_name_their_part() -> None:
    """The simple rule for files without topics."""
    file = migration_file(ownership={"title_terms": {"apple tree": "garden"}})
    (found,) = findings(terms, file=file, title="The Apple-Tree fell")
    assert (found.name, found.part) == ("title.term", "garden")
    assert findings(terms, file=file, title="The apple fell on a tree") == []


PRIORS = {"title.a": 2.0, "title.b": -2.0, "lead.a": 1.0, "code.a": 0.2, "error.a": 1.0}
PRIORS |= {"code.b": -1.0, "title.faint": 0.1, "error.b": -0.1}


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (("title.a",), ["agree.title", "agree.all"]),
        (("title.a", "title.b"), []),
        (("title.a", "code.b"), ["agree.title"]),
        (("title.a", "error.b"), ["agree.title", "agree.all"]),
        (("lead.a", "title.b"), ["agree.lead"]),
        (("title.faint",), ["agree.concepts-only"]),
        (("title.faint", "code.a"), []),
        (("title.faint", "error.a"), ["agree.all"]),
        (("title.b",), ["agree.nothing-ours"]),
        ((), ["agree.nothing-ours"]),
    ],
)
def test_a_subject_without_a_rival_is_noted(found: tuple[str, ...], expected: list[str]) -> None:
    """Faint words are neither subjects nor rivals; alone they tell nothing of whose it is."""
    assert names(list(agreement.prepare(PRIORS)([Finding(name) for name in found]))) == expected
