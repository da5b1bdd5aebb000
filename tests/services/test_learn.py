"""`learn` on labelled items: topics that a person can read, and figures on items that it has not
seen."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from migrator.config.migration_file import parse
from migrator.domain.rules import MigrationFile
from migrator.errors import InputFileError
from migrator.services.evaluate import evaluate
from migrator.services.learn import LearnedRules, LearnPlan, from_csv, learn
from migrator.services.learned_fragment import fragment, merged
from tests.services.test_evaluate import written as labelled

FILE = """
[migration]
name = "garden"
title = "The garden leaves the house"
source = "big/house"
cutover = 2023-06-01T00:00:00Z

[[parts]]
name = "garden"
title = "Garden"
target = "big/garden"
old_address = "https://github.com/big/house/tree/main/garden"
new_address = "https://github.com/big/garden"

  [[parts.paths]]
  old = "garden"
  new = ""

[notices]
promise_commands = false
human_contact = "comment here, and a maintainer will look at it"

[ownership.labels]
not_ours = ["comp:roof"]

  [ownership.labels.ours]
  "comp:garden" = "garden"
"""
STATED = FILE + "\n[ownership]\nshare = 0.05 # of the stream\nours_at = 0.9\n"
COUNT = 90
PLAN = LearnPlan(repeats=2)


def rows(count: int = COUNT, *, turned: Sequence[int] = ()) -> list[tuple[str, ...]]:
    """One in three is about roses in the garden, the others about tiles; ``turned`` are labelled
    the other way."""
    made: list[tuple[str, ...]] = []
    for at in range(count):
        ours = at % 3 == 0
        subject = "rose" if ours else "tile"
        owner = "garden" if ours != (at in turned) else "house"
        body = f"The {subject} is odd since day {at}. " + " ".join(f"w{at}x{n}" for n in range(12))
        made.append((str(at), "2022-01-04", f"Case {at}: a {subject}", body, owner, "3"))
    return made


def learned(path: Path, text: str = FILE, plan: LearnPlan = PLAN, data: Any = None) -> LearnedRules:
    """Learn from these rows."""
    file = parse(text)
    return learn(from_csv(labelled(path, data or rows()), file), file, plan, lambda *_: None)


def named(result: LearnedRules) -> dict[str, tuple[str, int, int]]:
    """Topic -> owner and counts."""
    return {one.name: (one.owner, one.ours, one.not_ours) for one in result.topics}


def test_words_that_tell_are_proposed_with_their_counts(tmp_path: Path) -> None:
    """One word is enough for each thing that it says."""
    topics = named(learned(tmp_path / "a.csv"))
    assert ("ours", 30, 0) in topics.values() or ("not_ours", 0, 60) in topics.values()
    assert not any("w1x" in name or "case" in name for name in topics)


def test_learning_is_repeatable_and_says_how_good_it_is_on_others(tmp_path: Path) -> None:
    """The same items give the same topics, weights and figures."""
    first, second = learned(tmp_path / "a.csv"), learned(tmp_path / "a.csv")
    assert first == second
    assert first.report["cross_validation"]["f1"] == {"mean": 1.0, "worst": 1.0}
    assert len(first.report["repeats"]) == PLAN.repeats


def test_figures_come_from_items_that_were_not_learned_from(tmp_path: Path) -> None:
    """What is said of an item does not depend on its own label."""
    path, plan = tmp_path / "a.csv", LearnPlan(repeats=1, exported=("Solo",))
    said = []
    for data in (rows(), rows(turned=[3])):
        solo = [(*row[:3], row[3] + " Solo" * (row[0] in ("1", "3")), *row[4:]) for row in data]
        judged = learned(path, plan=plan, data=solo).judged
        said.append(next(one.probability for one in judged if one.id == "3"))
    assert said[0] == said[1] > 0.5


def test_near_duplicates_count_once(tmp_path: Path) -> None:
    """One report that was sent forty times tells no more than one."""
    copies = [
        (
            f"c{at}",
            "2022-01-04",
            "A shed burns",
            "The shed burns and burns, come quickly.",
            "garden",
            "3",
        )
        for at in range(40)
    ]
    assert not any(
        "shed" in name for name in named(learned(tmp_path / "a.csv", data=[*rows(), *copies]))
    )


def test_the_fragment_makes_the_file_judge_so(tmp_path: Path) -> None:
    """At the end of the migration file it is valid, and its topics, weights and bars count."""
    result = learned(tmp_path / "a.csv")
    file = parse(FILE + fragment(result, FILE))
    assert evaluate(labelled(tmp_path / "b.csv", rows(120)), file, positive="garden")["f1"] == 1.0
    assert file.ownership.fitted.rows == COUNT
    assert file.ownership.ours_at == result.bars.ours_at


def test_the_fragment_says_how_often_each_topic_was_seen(tmp_path: Path) -> None:
    """A person reads it before it counts."""
    result = learned(tmp_path / "a.csv")
    text = fragment(result, FILE)
    for topic in result.topics:
        assert f"in {topic.ours} items of ours, {topic.not_ours} of others" in text


@pytest.mark.parametrize("text", [FILE, STATED])
def test_a_file_that_learned_states_what_the_fragment_states(tmp_path: Path, text: str) -> None:
    """`--write` puts the bars in the place of the old ones, and keeps all else."""
    result = learned(tmp_path / "a.csv", text)
    file = parse(merged(result, text))
    assert (file.ownership.ours_at, file.ownership.not_ours_at) == (
        result.bars.ours_at,
        result.bars.not_ours_at,
    )
    assert file.ownership.share == parse(text).ownership.share
    assert {one.name for one in result.topics} <= set(file.ownership.topics)
    assert file.parts == parse(text).parts


def test_a_table_that_the_file_has_stands_in_comments(tmp_path: Path) -> None:
    """TOML has each table once; the rest of the fragment counts."""
    text = fragment(learned(tmp_path / "a.csv", STATED), STATED)
    tomllib.loads(STATED + text)
    assert "# ours_at = " in text


def test_learning_again_from_the_written_file_proposes_nothing_twice(tmp_path: Path) -> None:
    """What the file has stays; only what is new is added."""
    once = merged(learned(tmp_path / "a.csv"), FILE)
    again = learned(tmp_path / "a.csv", once)
    assert not set(named(again)) & set(parse(once).ownership.topics)
    parse(merged(again, once))


def test_names_of_a_package_are_kept_unless_others_use_them(tmp_path: Path) -> None:
    """`RoseBed` stands in items of ours, `TileSet` in those of others."""
    data = [
        (*row[:3], row[3] + (" RoseBed" if row[4] == "garden" else " TileSet"), *row[4:])
        for row in rows()
    ]
    plan = LearnPlan(repeats=1, exported=("RoseBed", "TileSet", "NeverSeen"))
    result = learned(tmp_path / "a.csv", plan=plan, data=data)
    symbols = next(one for one in result.topics if one.source == "package")
    assert sorted(term.text for term in symbols.terms) == ["NeverSeen", "RoseBed"]


def test_the_bars_fit_the_stream_that_is_asked_for(tmp_path: Path) -> None:
    """The mix is the option's, else the file's, else that of the items."""
    path = tmp_path / "a.csv"
    wanted = [
        (FILE, LearnPlan(repeats=1, mix=0.01), (0.01, "option")),
        (STATED, LearnPlan(repeats=1), (0.05, "file")),
        (FILE, LearnPlan(repeats=1), (1 / 3, "answers")),
    ]
    for text, plan, expected in wanted:
        report = learned(path, text, plan).report
        assert (report["mix"], report["mix_source"]) == pytest.approx(expected)


@pytest.mark.parametrize("count", [6, 57])
def test_too_few_items_are_refused(tmp_path: Path, count: int) -> None:
    """On nineteen of ours no figure holds."""
    with pytest.raises(InputFileError, match="learning needs 20") as refused:
        learned(tmp_path / "a.csv", data=rows(count))
    assert "--items" in refused.value.cure


def test_headings_and_lines_of_a_template_are_told_from_what_people_write(tmp_path: Path) -> None:
    """A file without a template gets one."""
    data = [
        (*row[:3], f"### Device\n\nphone {row[0]}\n\n### What happened\n\n{row[3]}", *row[4:])
        for row in rows()
    ]
    file = template_of(learned(tmp_path / "a.csv", data=data))
    assert file.ownership.template.sections["device"] == "environment"
    assert file.ownership.template.sections["what happened"] == "prose"


def template_of(result: LearnedRules) -> MigrationFile:
    """The file with the fragment."""
    return parse(FILE + fragment(result, FILE))
