"""`evaluate` on a labelled file."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from migrator.domain.evidence import Ownership
from migrator.errors import InputFileError
from migrator.services.evaluate import evaluate, explain
from tests.support.dated_items import house

HEADER = ("id", "created_at", "title", "body", "owner", "confidence")
ROWS = (
    ("1", "2022-01-04 10:10:10", "Rose has thorns", "The rose pricks me every day.", "garden", "3"),
    ("2", "2022-01-05", "A tile is broken", "The tile fell from the roof.", "house", "3"),
    (
        "3",
        "2022-01-06",
        "Something else entirely",
        "I cannot say what it is about at all.",
        "house",
        "2",
    ),
    ("4", "2022-01-07", "A tile with a rose on it", "The tile broke, the rose too.", "garden", "2"),
    ("5", "2022-01-08", "A close call", "Is it the rose or the tile here?", "garden", "1"),
    ("6", "2022-01-09", "Whose?", "Nobody knows whose this could be.", "unsure", "2"),
)


def written(path: Path, rows: Any = ROWS, header: tuple[str, ...] = HEADER) -> Path:
    """A labelled CSV file."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([header, *rows])
    return path


def test_the_report_has_the_promised_fields_and_adds_up(tmp_path: Path) -> None:
    """They are an interface: other programs read them."""
    report = evaluate(written(tmp_path / "a.csv"), house(), positive="garden")
    assert {
        "n",
        "ours",
        "precision",
        "recall",
        "f1",
        "auto",
        "missed",
        "review_share",
        "intervals",
        "confusion",
        "worst",
    } <= set(report)
    assert {"share", "precision", "recall"} <= set(report["auto"])
    assert (report["n"], report["ours"], report["left_out"]) == (4, 2, 2)
    assert sum(sum(answers.values()) for answers in report["confusion"].values()) == report["n"]
    assert sum(report["at_split"].values()) == report["n"]
    assert report["worst"][0]["id"] == "4"


def test_the_name_of_a_part_is_understood_as_ours(tmp_path: Path) -> None:
    """So that the usual file needs no option."""
    path = written(tmp_path / "a.csv")
    assert evaluate(path, house()) == evaluate(path, house(), positive="garden")


def test_less_sure_rows_count_when_asked_for(tmp_path: Path) -> None:
    """Close calls are left out otherwise; undecided ones always."""
    report = evaluate(written(tmp_path / "a.csv"), house(), least_confidence=1)
    assert (report["n"], report["left_out"]) == (5, 1)


def test_a_row_that_nobody_labelled_is_left_out(tmp_path: Path) -> None:
    """It is not taken for somebody else's."""
    unlabelled = ("7", "2022-01-10", "A tile", "Nobody has looked at this one yet.", " ", "3")
    report = evaluate(written(tmp_path / "a.csv", [*ROWS, unlabelled]), house())
    assert (report["n"], report["left_out"]) == (4, 3)


def test_a_file_without_confidence_counts_whole(tmp_path: Path) -> None:
    """The column may be missing, as may the date."""
    rows = [(row[0], row[2], row[3], row[4]) for row in ROWS]
    report = evaluate(written(tmp_path / "a.csv", rows, ("id", "title", "body", "owner")), house())
    assert report["n"] == 5


def test_one_row_is_explained_with_its_evidence(tmp_path: Path) -> None:
    """Also rows that do not count."""
    row, verdict = explain(written(tmp_path / "a.csv"), house(), "1")
    assert (row.item.title, verdict.answer) == ("Rose has thorns", Ownership.OURS)
    assert any(
        evidence.signal == "title.plants" and evidence.weight > 0 for evidence in verdict.evidence
    )


@pytest.mark.parametrize(
    ("rows", "header", "cause"),
    [
        (ROWS, ("id", "created_at", "name", "body", "owner", "confidence"), "no column 'title'"),
        ([ROWS[0], ROWS[0]], HEADER, "two rows of the same id"),
        ([("1", "soon", "t", "b", "garden", "3")], HEADER, "'soon' is not a date"),
        ([("1", "", "t", "b", "garden", "9")], HEADER, "confidence is '9'"),
        ([("1", "", "t")], HEADER, "too few fields"),
        ([ROWS[5]], HEADER, "no row to score"),
        ([ROWS[1]], HEADER, "no label of the file is known to mean ours"),
    ],
)
def test_a_wrong_file_is_refused_with_its_cause(
    tmp_path: Path, rows: Any, header: tuple[str, ...], cause: str
) -> None:
    """And with a way out."""
    with pytest.raises(InputFileError, match=cause) as refused:
        evaluate(written(tmp_path / "a.csv", rows, header), house())
    assert refused.value.cure


def test_a_missing_file_or_row_or_label_is_told(tmp_path: Path) -> None:
    """Each as an input error."""
    path = written(tmp_path / "a.csv")
    with pytest.raises(InputFileError, match="cannot be read"):
        evaluate(tmp_path / "none.csv", house())
    with pytest.raises(InputFileError, match="no row with the id '9'"):
        explain(path, house(), "9")
    with pytest.raises(InputFileError, match="labelled 'pond'"):
        evaluate(path, house(), positive="pond")


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    """Before they become wrong verdicts."""
    path = tmp_path / "a.csv"
    path.write_bytes(b"id,title,body,owner\n1,\xff\xfe,b,garden\n")
    with pytest.raises(InputFileError, match="not UTF-8"):
        evaluate(path, house())


def test_the_precision_is_counted_anew_for_the_share_that_is_asked_for(tmp_path: Path) -> None:
    """The verdicts stay the same: fewer of ours only make the wrong ones weigh more."""
    rows = [
        (
            f"r{at}",
            "",
            "Rose has thorns",
            f"The rose pricks or not, case {at}.",
            "house" if at == 0 else "garden",
            "3",
        )
        for at in range(10)
    ]
    rows += [
        (f"t{at}", "", "A tile is broken", f"The tile fell, case {at}.", "house", "3")
        for at in range(20)
    ]
    path = written(tmp_path / "a.csv", rows)
    rare, half = (evaluate(path, house(), mix=mix) for mix in (0.05, 0.5))
    assert (rare["mix"], rare["mix_source"]) == (0.05, "option")
    assert rare["confusion"] == half["confusion"]
    expected = rare["expected_precision"]
    assert expected["value"] == pytest.approx(0.05 / (0.05 + 0.95 / 21))
    assert (expected["n"], expected["low"] < expected["value"] < expected["high"]) == (10, True)
    assert half["expected_precision"]["value"] > expected["value"]


def test_without_a_given_share_the_files_holds_and_else_that_of_the_rows(tmp_path: Path) -> None:
    """Which of them is said."""
    path = written(tmp_path / "a.csv")
    assert {evaluate(path, house(share=0.08))[name] for name in ("mix", "mix_source")} == {
        0.08,
        "file",
    }
    assert {evaluate(path, house())[name] for name in ("mix", "mix_source")} == {0.5, "answers"}


def test_where_nothing_was_answered_ours_nothing_is_expected(tmp_path: Path) -> None:
    """Not even a precision of one."""
    report = evaluate(written(tmp_path / "a.csv"), house(ours_at=1.0), mix=0.05)
    assert report["expected_precision"] == {"value": 0.0, "low": 0.0, "high": 1.0, "n": 0}
