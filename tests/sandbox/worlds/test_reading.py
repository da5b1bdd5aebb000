from __future__ import annotations

import csv
import io
import json
import string
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from migrator.sandbox.worlds import BadRow, read_items

Write = Callable[[str | bytes], Path]
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=60)
TITLES = TEXTS.filter(str.strip)
PLAIN = st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8)
VALUES = PLAIN | st.lists(
    PLAIN
    | st.dictionaries(st.sampled_from(["author", "body", "created_at", "name"]), PLAIN, max_size=3),
    max_size=3,
)
IN_ONE_FILE = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150
)


def test_a_csv_is_read_as_items(write: Write) -> None:
    """Every column that means something arrives, under the world file's own keys."""
    comments = json.dumps(
        [{"author": "octocat", "body": "hello", "created_at": "2022-01-02T00:00:00Z"}]
    ).replace('"', '""')
    row = (
        "A title,A body,2022-01-01 10:00:00,type:bug; stalled "
        f';,"{comments}",pr,closed,mona,17,acme/one'
    )
    path = write(
        f"title,body,created_at,labels,comments,kind,state,author,number,repository\n{row}\n"
    )
    assert list(read_items(path)) == [
        {
            "record": "item",
            "repository": "acme/one",
            "number": 17,
            "kind": "pull_request",
            "title": "A title",
            "body": "A body",
            "author": "mona",
            "created_at": "2022-01-01T10:00:00Z",
            "state": "closed",
            "labels": ["type:bug", "stalled"],
            "comments": [
                {"body": "hello", "author": "octocat", "created_at": "2022-01-02T00:00:00Z"}
            ],
        }
    ]


def test_only_the_title_is_needed(write: Write) -> None:
    """A list of titles is a file."""
    assert list(read_items(write("title\nOne\nTwo\n"))) == [
        {"record": "item", "title": title} for title in ("One", "Two")
    ]


def test_unknown_columns_are_named_once_before_the_first_row(write: Write, sample: Path) -> None:
    """So that a misspelt column is seen."""
    assert read_items(sample).ignored == ("id", "owner", "confidence", "reason")
    result = read_items(write('{"title": "a", "x": 1}\n{"title": "b", "x": 2, "y": 3}\n'))
    assert len(list(result)) == 2
    assert result.ignored == ("x", "y")


def test_a_data_sets_own_kinds_mean_an_issue(sample: Path) -> None:
    """`bug`, `feature` and `question` are no kinds of GitHub's."""
    assert {item["kind"] for item in read_items(sample)} == {"issue"}


def test_marks_line_ends_and_quoted_lines_are_kept_apart(write: Write) -> None:
    """A byte order mark goes, the row's own CRLF goes, the body's stays."""
    path = write(
        b'\xef\xbb\xbfTitle,body\r\n"One, two","first\r\nsecond '
        b'""quoted""\n\nlast"\r\n\r\nThree,\r\n'
    )
    assert list(read_items(path)) == [
        {"record": "item", "title": "One, two", "body": 'first\r\nsecond "quoted"\n\nlast'},
        {"record": "item", "title": "Three", "body": ""},
    ]


def test_the_fullest_body_is_read_and_a_fuller_one_refused(write: Write) -> None:
    """65,536 characters are GitHub's limit; the csv module's own limit is twice that, and is not
    changed for others."""
    limit = csv.field_size_limit()
    comments = json.dumps([{"body": "y" * 65_536} for _ in range(4)]).replace('"', '""')
    (item,) = read_items(write(f'title,body,comments\na,{"x" * 65_536},"{comments}"\n'))
    assert (len(item["body"]), len(item["comments"])) == (65_536, 4)
    with pytest.raises(BadRow, match="65,537 characters") as caught:
        list(read_items(write(f"title,body\nfine,ok\na,{'x' * 65_537}\n")))
    assert (caught.value.line, caught.value.column) == (3, "body")
    assert csv.field_size_limit() == limit


BAD_CSV = {
    "no header": (b"", 1, "title", "names no such column"),
    "other delimiter": (b"title;body\na;b\n", 1, "title", "separate the columns by commas"),
    "no title column": (b"name,body\na,b\n", 1, "title", "name the columns"),
    "column twice": (b"title,body,body\na,b,c\n", 1, "body", "names it twice"),
    "too many cells": (b"title,body\na,b\nc,d,e\n", 3, "", "3 cells, the header 2"),
    "too few cells": (b"title,body\nalone\n", 2, "", "1 cells, the header 2"),
    "open quote": (b'title,body\na,b\nc,"never closed\n\n', 3, "", "check its quotes"),
    "text after a quote": (b'title,body\n"a"b,c\n', 2, "", "check its quotes"),
    "blank title": (b"title,body\n  ,b\n", 2, "title", "every item has a title"),
    "no UTF-8": ("title\na\nÜ\n".encode("latin-1"), 3, "", "save the file as UTF-8"),
    "UTF-16": ("title\na\n".encode("utf-16"), 1, "", "save the file as UTF-8"),
    "NUL": (b"title\na\0b\n", 2, "", "NUL character"),
    "after a long row": (b'title,body\na,"1\n2\n3\n4"\nb,c,d\n', 6, "", "3 cells"),
    "no time": (b"title,created_at\na,yesterday\n", 2, "created_at", "'yesterday' is not a time"),
    "no such year": (
        b"title,created_at\na,0001-01-01T00:00:00Z\n",
        2,
        "created_at",
        "check the year",
    ),
    "no number": (b"title,number\na,12.5\n", 2, "number", "not a number"),
    "number 0": (b"title,number\na,0\n", 2, "number", "above 0"),
    "no JSON": (b"title,comments\na,hello\n", 2, "comments", "it is not JSON"),
    "no list": (b'title,comments\na,"{""body"": 1}"\n', 2, "comments", "an object, not a list"),
    "no body": (b'title,comments\na,"[{""author"": ""x""}]"\n', 2, "comments[1]", "it has no body"),
    "unknown key": (
        b'title,comments\na,"[{""body"": """", ""text"": ""x""}]"\n',
        2,
        "comments[1]",
        "unknown key 'text'",
    ),
    "no state": (b"title,state\na,done\n", 2, "state", "one of open, closed, merged"),
    "merged issue": (b"title,state\na,merged\n", 2, "state", "only a pull request"),
    "no login": (b"title,author\na,two words\n", 2, "author", "is no login"),
    "no repository": (
        b"title,repository\na,https://github.com/a/b\n",
        2,
        "repository",
        "write owner/name",
    ),
}


@pytest.mark.parametrize("case", BAD_CSV)
def test_a_bad_row_names_line_column_cause_and_cure(write: Write, case: str) -> None:
    """A person can find it in an editor and knows what to do."""
    content, line, column, words = BAD_CSV[case]
    with pytest.raises(BadRow, match="; ") as caught:
        list(read_items(write(content)))
    assert (caught.value.line, caught.value.column) == (line, column)
    assert words in str(caught.value)
    assert caught.value.cause
    assert caught.value.cure


BAD_JSON = {
    "no JSON": ('{"title": "a"}\n{"title"\n', 2, "", "one JSON object a line"),
    "a whole list": ('[{"title": "a"}]\n', 1, "", "not an object"),
    "no title": ('{"body": "a"}\n', 1, "title", "every row needs one"),
    "title no text": ('{"title": 7}\n', 1, "title", "a number, not text"),
    "half a surrogate": ('{"title": "\\ud800"}\n', 1, "title", "surrogate"),
    "NUL": ('{"title": "a\\u0000"}\n', 1, "title", "NUL"),
    "labels no list": ('{"title": "a", "labels": "x"}\n', 1, "labels", "list of names"),
    "number no number": ('{"title": "a", "number": true}\n', 1, "number", "not a number"),
    "endless number": ('{"title": "a", "number": ' + "9" * 5000 + "}\n", 1, "", "not JSON"),
    "unknown record": ('{"record": "issue", "title": "a"}\n', 1, "record", "no kind of record"),
    "half a record": (
        '{"record": "world", "version": 1}\n{"record": "item", "title": "a"}\n',
        2,
        "title",
        "needs a title and a repository",
    ),
    "deep": ("[" * 100_000, 1, "", "not JSON"),
}


@pytest.mark.parametrize("case", BAD_JSON)
def test_a_bad_line_of_json_is_named_as_well(write: Write, case: str) -> None:
    """The same error for both forms."""
    content, line, column, words = BAD_JSON[case]
    with pytest.raises(BadRow) as caught:
        list(read_items(write(content)))
    assert (caught.value.line, caught.value.column) == (line, column)
    assert words in str(caught.value)


def test_a_bad_row_is_a_value_error(write: Write) -> None:
    """For callers who know nothing of this module."""
    with pytest.raises(ValueError, match="line 2"):
        list(read_items(write("title,number\na,b\n")))


def test_a_missing_file_is_the_operating_systems_error(tmp_path: Path) -> None:
    """At once."""
    with pytest.raises(FileNotFoundError):
        read_items(tmp_path / "missing.csv")


def test_json_lines_take_labels_as_names_or_as_githubs_objects(write: Write) -> None:
    """What `gh` prints can be used."""
    (item,) = read_items(
        write(
            '\n{"title": "a", "labels": [{"name": "x", "color": "fff"}, "y", "x"], "author": '
            "null}\n"
        )
    )
    assert item["labels"] == ["x", "y"]
    assert "author" not in item


def test_a_world_file_is_read_with_all_its_records(write: Write) -> None:
    """Nothing of it is changed."""
    records = [
        {"record": "world", "version": 1, "now": "2021-09-01T00:00:00Z"},
        {"record": "account", "login": "mona"},
        {
            "record": "item",
            "repository": "a/b",
            "title": "t",
            "events": [{"kind": "pinned", "actor": None}],
        },
    ]
    result = read_items(write("\n".join(map(json.dumps, records))))
    assert list(result) == records
    assert result.is_world


@IN_ONE_FILE
@given(
    rows=st.lists(st.tuples(TITLES, TEXTS), max_size=5),
    line_end=st.sampled_from(["\n", "\r\n"]),
    marked=st.booleans(),
)
def test_any_text_survives_a_csv(
    tmp_path: Path, rows: list[tuple[str, str]], line_end: str, marked: bool
) -> None:
    """Whatever people wrote, quoted by the csv module, arrives as it was."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator=line_end, quoting=csv.QUOTE_ALL)
    writer.writerows([("title", "body"), *rows])
    path = tmp_path / "file.csv"
    path.write_bytes(text.getvalue().encode("utf-8-sig" if marked else "utf-8"))
    assert [(item["title"], item["body"]) for item in read_items(path)] == rows


@IN_ONE_FILE
@given(rows=st.lists(st.tuples(TITLES, TEXTS), min_size=1, max_size=5), ascii_only=st.booleans())
def test_any_text_survives_json_lines(
    tmp_path: Path, rows: list[tuple[str, str]], ascii_only: bool
) -> None:
    """Escaped or not, with line separators of all scripts."""
    lines = [
        json.dumps({"title": title, "body": body}, ensure_ascii=ascii_only) for title, body in rows
    ]
    path = tmp_path / "file.jsonl"
    path.write_bytes("\n".join(lines).encode())
    assert [(item["title"], item["body"]) for item in read_items(path)] == rows


@IN_ONE_FILE
@given(
    content=st.one_of(
        st.binary(max_size=200), st.text(string.printable, max_size=200).map(str.encode)
    )
)
def test_no_bytes_at_all_lead_to_another_error(tmp_path: Path, content: bytes) -> None:
    """A file is read or refused; it never breaks the reader."""
    path = tmp_path / "file"
    path.write_bytes(b"title,created_at,number,comments\n" + content)
    _read_or_refused(path)
    path.write_bytes(content)
    _read_or_refused(path)


@IN_ONE_FILE
@given(
    st.dictionaries(
        st.sampled_from(
            [
                "title",
                "body",
                "created_at",
                "labels",
                "comments",
                "kind",
                "state",
                "author",
                "number",
                "repository",
                "x",
            ]
        ),
        VALUES,
        max_size=4,
    )
)
def test_no_json_values_lead_to_another_error(tmp_path: Path, values: dict[str, Any]) -> None:
    """Values of any type in any place are read or refused."""
    path = tmp_path / "file"
    path.write_text(json.dumps(values))
    _read_or_refused(path)


def _read_or_refused(path: Path) -> None:
    refused: BadRow | None = None
    items: list[dict[str, Any]] = []
    try:
        items = list(read_items(path))
    except BadRow as error:
        refused = error
    assert all(item["title"].strip() for item in items)
    assert refused is None or (refused.line >= 1 and refused.cure)


def test_a_bad_row_ends_the_reading(write: Write) -> None:
    """Nothing after it comes through, so nothing is half-read in silence."""
    result = read_items(write("title,number\na,1\nb,x\nc,3\n"))
    assert next(result)["title"] == "a"
    with pytest.raises(BadRow):
        next(result)
    assert list(result) == []
