"""`fit` on a labelled file."""

from __future__ import annotations

import math
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from migrator.domain.evaluation.training import held_back
from migrator.errors import InputFileError
from migrator.services.fit import FitPlan, FitResult, fit, written
from tests.services.test_evaluate import written as labelled
from tests.support.dated_items import house

PLAN = FitPlan(positive="garden", repeats=2, held_back=8)


def rows(count: int) -> list[tuple[str, ...]]:
    """Rows that the title tells apart; one in three is ours."""
    return [row(at) for at in range(count)]


def row(at: int) -> tuple[str, ...]:
    """One of them."""
    return (
        str(at),
        "2022-01-04",
        f"{'Rose' if at % 3 == 0 else 'Tile'} number {at} is {'wet' if at % 2 else 'dry'}",
        f"Case {at}: " + " ".join(f"word{at}x{step}" for step in range(12)),
        "garden" if at % 3 == 0 else "house",
        "3",
    )


ROWS = rows(40)
MANY = rows(120)
HELD = 60
REPORT = FitPlan(positive="garden", repeats=1, held_back=HELD, report_held_back=True)


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    """Forty rows that the title tells apart."""
    return labelled(tmp_path / "a.csv", ROWS)


def test_fitting_is_repeatable_and_reports_out_of_fold(sample: Path) -> None:
    """The same file gives the same weights and the same figures."""
    first, second = fit(sample, house(), PLAN), fit(sample, house(), PLAN)
    assert (first.weights, first.report) == (second.weights, second.report)
    assert first.report["cross_validation"]["f1"] == {"mean": 1.0, "worst": 1.0}
    assert first.report["cross_validation"]["n"] == len(ROWS) - 8


def test_held_back_rows_do_not_touch_the_weights(tmp_path: Path) -> None:
    """Turning their labels around changes nothing but their own report."""
    held = held_back([row[0] for row in MANY], HELD)
    turned = [
        (*row[:4], {"garden": "house", "house": "garden"}[row[4]], "3") if row[0] in held else row
        for row in MANY
    ]
    one, other = labelled(tmp_path / "a.csv", MANY), labelled(tmp_path / "b.csv", turned)
    first, second = fit(one, house(), REPORT), fit(other, house(), REPORT)
    assert first.weights == second.weights
    assert (first.report["held_back"]["f1"], second.report["held_back"]["f1"]) == (1.0, 0.0)


def test_a_near_duplicate_of_a_held_back_row_does_not_judge_it(tmp_path: Path) -> None:
    """Whatever its label, the report on the held-back rows stays the same."""
    ids = [*(row[0] for row in MANY), *(str(at) for at in range(500, 620))]
    held = held_back(ids, HELD * 2)
    twins = [
        (str(500 + int(row[0])), *row[1:])
        for row in MANY
        if row[0] in held and str(500 + int(row[0])) not in held
    ]
    assert twins
    filler = [
        (one, *MANY[0][1:4], "house", "1")
        for one in ids[len(MANY) :]
        if one not in {twin[0] for twin in twins}
    ]
    turned = [(*twin[:4], {"garden": "house", "house": "garden"}[twin[4]], "3") for twin in twins]
    plan = FitPlan(positive="garden", repeats=1, held_back=HELD * 2, report_held_back=True)
    reports = [
        fit(labelled(tmp_path / f"{at}.csv", [*MANY, *copies, *filler]), house(), plan).report[
            "held_back"
        ]
        for at, copies in enumerate((twins, turned))
    ]
    assert reports[0] == reports[1]


def test_held_back_rows_are_reported_only_when_asked_for(sample: Path) -> None:
    """They can be looked at once."""
    assert "held_back" not in fit(sample, house(), PLAN).report


@pytest.mark.parametrize(("count", "held"), [(100, 100), (60, 100), (110, 100)])
def test_no_figure_rests_on_rows_that_are_not_there(tmp_path: Path, count: int, held: int) -> None:
    """Where all rows are held back, F1 would be 1 of nothing."""
    with pytest.raises(
        InputFileError, match=r"held back, which leaves \d+ to cross-validate"
    ) as refused:
        fit(
            labelled(tmp_path / "a.csv", rows(count)),
            house(),
            FitPlan(positive="garden", repeats=1, held_back=held),
        )
    assert "--held-back" in refused.value.cure


def test_fewer_than_fifty_held_back_rows_are_not_reported_on(tmp_path: Path) -> None:
    """Fifty are."""
    path = labelled(tmp_path / "a.csv", MANY)
    report = FitPlan(positive="garden", repeats=1, held_back=50, report_held_back=True)
    assert fit(path, house(), report).report["held_back"]["n"] == 50
    with pytest.raises(InputFileError, match="49 rows are held back; a report on them needs 50"):
        fit(path, house(), replace(report, held_back=49))


def test_the_bias_is_set_for_the_share_that_the_file_states(sample: Path) -> None:
    """By the difference in log-odds to the share in the labelled rows; the other weights stay."""
    plain, stated = fit(sample, house(), PLAN).weights, fit(sample, house(share=0.1), PLAN).weights
    fitted = tomllib.loads(fit(sample, house(), PLAN).tables)["ownership"]["fitted"]
    odds = fitted["ours"] / (fitted["rows"] - fitted["ours"])
    assert stated.pop("bias") - plain.pop("bias") == pytest.approx(
        math.log(0.1 / 0.9) - math.log(odds)
    )
    assert stated == plain


def test_what_was_measured_is_written_with_the_weights(sample: Path) -> None:
    """For every row, by weights that did not see it; the file's own bar is among the
    probabilities."""
    measured = tomllib.loads(fit(sample, house(ours_at=0.77), PLAN).tables)["ownership"]["measured"]
    assert (measured["ours"], measured["not_ours"]) == (14, 26)
    assert 0.77 in measured["at"]
    assert measured["ours_above"][0] == 14
    assert max(measured["not_ours_above"]) == 0


def test_the_final_weights_may_use_every_row(sample: Path) -> None:
    """After the look."""
    plan = FitPlan(positive="garden", repeats=1, held_back=8, include_held_back=True)
    assert (
        fit(sample, house(), plan).report["fitted_on"],
        fit(sample, house(), PLAN).report["fitted_on"],
    ) == (40, 32)


def test_further_files_are_learnt_from_and_never_scored(sample: Path, tmp_path: Path) -> None:
    """Their labels move weights; the rows that are scored stay the same."""
    texts = [
        (
            f"z{at}",
            "2019-01-04",
            "Tile",
            f"Further {at} " + " ".join(f"other{at}x{n}" for n in range(12)),
        )
        for at in range(30)
    ]
    other = labelled(tmp_path / "b.csv", [(*row, "garden", "3") for row in texts])
    alone = fit(sample, house(), PLAN)
    taught = fit(sample, house(), FitPlan(positive="garden", repeats=2, held_back=8, also=(other,)))
    assert taught.weights["title.roof"] > alone.weights["title.roof"]
    assert taught.report["cross_validation"]["n"] == alone.report["cross_validation"]["n"]
    assert taught.report["fitted_on"] == alone.report["fitted_on"] + len(texts)
    assert tomllib.loads(taught.tables)["ownership"]["fitted"]["data"] == "a.csv, b.csv"


def test_a_further_row_that_repeats_a_scored_one_is_left_out(sample: Path, tmp_path: Path) -> None:
    """Otherwise the answer would be known beforehand."""
    copies = labelled(tmp_path / "b.csv", [(f"c{row[0]}", *row[1:]) for row in ROWS])
    assert (
        fit(
            sample, house(), FitPlan(positive="garden", repeats=2, held_back=8, also=(copies,))
        ).weights
        == fit(sample, house(), PLAN).weights
    )


def test_ablation_shows_what_carries_the_verdict(sample: Path) -> None:
    """Without titles nothing is left here; without what never occurs nothing changes."""
    plan = FitPlan(positive="garden", repeats=3, held_back=8, ablation=True)
    table = fit(sample, house(), plan).report["ablation"]
    assert table["title"]["f1"]["mean"] < 1.0
    assert table["plants"]["f1"]["mean"] <= 1.0
    assert "error" not in table


def tables(result: FitResult) -> dict[str, float]:
    """Weights as a TOML reader sees them."""
    return dict(tomllib.loads(result.tables)["ownership"]["weights"])


def test_the_tables_are_toml_and_name_their_data(sample: Path) -> None:
    """Weights without a source cannot be trusted later."""
    result = fit(sample, house(), PLAN)
    fitted = tomllib.loads(result.tables)["ownership"]["fitted"]
    assert (fitted["data"], fitted["rows"], len(fitted["digest"])) == ("a.csv", 32, 64)
    assert tables(result).keys() == result.weights.keys()


def test_writing_replaces_the_old_tables_and_nothing_else(sample: Path) -> None:
    """Comments and order of the rest stay; a second writing changes nothing."""
    result = fit(sample, house(), PLAN)
    head = '# mine\n[migration]\nname = "x"\n\n'
    before = (
        head
        + '[ownership.weights]\n"old" = 1.0\n\n[ownership.fitted]\nrows = 1\n\n[activity]\nx = 1\n'
    )
    after = written(before, result.tables)
    assert after.startswith(head)
    assert "old" not in after
    assert tomllib.loads(after)["activity"] == {"x": 1}
    assert tomllib.loads(after)["ownership"]["weights"] == tables(result)
    assert written(after, result.tables) == after


def test_writing_into_a_file_without_tables_adds_them(sample: Path) -> None:
    """At its end."""
    result = fit(sample, house(), PLAN)
    assert tomllib.loads(written('[migration]\nname = "x"\n', result.tables))["ownership"][
        "weights"
    ] == tables(result)
