"""``migrator learn``."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from migrator import bootstrap
from migrator.cli.evaluate import PositiveOption, RepeatsOption
from migrator.cli.output import (
    JsonOption,
    Report,
    RulesOption,
    err,
    out,
    output_place,
    print_facts,
    print_json,
    print_table,
    progress_bar,
)
from migrator.config.migration_file import LoadedMigration, load, only_preset, rewrite
from migrator.errors import InputFileError, ItemsSetAside, UsageError
from migrator.execution.labelled_items import LabelledRead, closed_issues, read_labelled_items
from migrator.services.exported_names import exported_names
from migrator.services.learn import (
    REPEATS,
    LearnedRules,
    LearnPlan,
    TrainingData,
    from_closed,
    from_csv,
    learn,
)
from migrator.services.learned_fragment import fragment, merged
from migrator.store.private_files import write_private

EXAMPLE = "migrator learn --migration moved.toml --items 1000 --out learned.toml"
LabelledArgument = Annotated[
    Path | None,
    typer.Argument(
        help="CSV file with the columns id, title, body, owner and, if known, confidence; "
        "without it, closed issues of the source are read, and their labels tell the owner.",
        show_default=False,
    ),
]
ItemsOption = Annotated[
    int,
    typer.Option(
        "--items",
        min=40,
        max=10_000,
        help="Closed issues to read, half of them ours; those that are known already count. "
        "A page of 100 costs 8 points of GitHub's hourly limit.",
    ),
]
NamesFromOption = Annotated[
    Path | None,
    typer.Option(
        "--names-from",
        metavar="WHEEL",
        help="A wheel or a folder of the package that moves: names that it exports are "
        "proposed too. Its files are read, never run.",
        show_default=False,
    ),
]
MixOption = Annotated[
    float | None,
    typer.Option(
        "--mix",
        metavar="SHARE",
        help="Share of ours, above 0 and below 1, in the stream that bars and figures are "
        "for; by default the file's `share`, else that of the labelled items.",
        show_default=False,
    ),
]
OutOption = Annotated[
    Path | None,
    typer.Option(
        "--out",
        callback=output_place,
        metavar="FILE",
        help="Write the fragment here: it goes at the end of the migration file.",
        show_default=False,
    ),
]
WriteOption = Annotated[
    Path | None,
    typer.Option(
        "--write",
        exists=True,
        dir_okay=False,
        help="Put everything into this migration file.",
        show_default=False,
    ),
]


def command(
    labelled: LabelledArgument = None,
    migration: RulesOption = "",
    items: ItemsOption = 1000,
    names_from: NamesFromOption = None,
    positive: PositiveOption = "",
    mix: MixOption = None,
    repeats: RepeatsOption = REPEATS,
    output: OutOption = None,
    write: WriteOption = None,
    json: JsonOption = False,
) -> None:
    """Learn from closed, labelled issues which words, names and paths tell ours from others'.

    Proposes topics with their counts, fits their weights, chooses bars, and says how good that is
    on items that it did not learn from. Needs paths and labels in the migration file, and 20 issues
    of each side. Reads GitHub, writes nothing there; a second call reads only what is missing.
    Read the fragment before you use it: take out what names nothing.
    """
    if mix is not None and not 0.0 < mix < 1.0:
        raise UsageError(
            f"--mix {mix} is no share", cure="give a number above 0 and below 1, such as 0.05"
        )
    name = migration or only_preset()
    loaded = load(name)
    exported = exported_names(names_from) if names_from else ()
    with progress_bar(quiet=json) as report:
        training = _training(loaded, name, items, report, labelled, positive)
        plan = LearnPlan(exported=exported, labels=training.labels, repeats=repeats, mix=mix)
        learned = learn(training.data, loaded.file, plan, report)
    text = _written(learned, loaded, output, write)
    document = {**learned.report, **training.document(), "fitted_on": learned.fitted.rows}
    if json:
        print_json(document)
    else:
        _tell(document)
        if output is None and write is None:
            out.print(text, markup=False, soft_wrap=True)
    training.refuse_gaps()


@dataclass(frozen=True, slots=True)
class _Training:
    """What is learned from, and how it was read where it came from GitHub."""

    data: TrainingData
    reading: LabelledRead | None = None

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels of other owners that the source has."""
        return self.reading.labels if self.reading else ()

    def document(self) -> dict[str, Any]:
        """What was learned from, for the report."""
        ours = sum(row.owner == self.data.positive for row in self.data.rows)
        facts: dict[str, Any] = {"data": self.data.name, "rows": len(self.data.rows), "ours": ours}
        if self.reading is not None:
            facts["read"] = {
                "issues": sum(self.reading.read.values()),
                "by_label": self.reading.read,
                "pages": self.reading.pages,
                "set_aside": [one.key for one in self.reading.set_aside],
            }
        return facts

    def refuse_gaps(self) -> None:
        """Raise ``ItemsSetAside`` if an issue could not be read."""
        if self.reading and self.reading.set_aside:
            names = ", ".join(one.key for one in self.reading.set_aside[:5])
            raise ItemsSetAside(
                f"{len(self.reading.set_aside)} closed issues could not be read and are set "
                f"aside: {names}",
                cure="run `migrator learn` again later: it tries them again",
            )


def _training(
    loaded: LoadedMigration,
    name: str,
    items: int,
    report: Report,
    labelled: Path | None,
    positive: str,
) -> _Training:
    """The labelled file if one is given, else closed issues of the source."""
    if labelled is not None:
        return _Training(from_csv(labelled, loaded.file, positive))
    if positive:
        raise UsageError(
            "--positive goes with a labelled file; in the repository labels tell the owner",
            cure="leave it out, and list the labels in [ownership.labels]",
        )
    file = loaded.file
    if not file.ownership.labels.ours or not file.ownership.labels.not_ours:
        raise InputFileError(
            f"{loaded.path} does not say which labels are ours and which are others'",
            cure="list both in [ownership.labels], or give a labelled CSV file",
        )
    context = bootstrap.build(name)
    reading = asyncio.run(read_labelled_items(context, items, report))
    return _Training(
        from_closed(closed_issues(context.store, file.migration.source), file), reading
    )


def _written(
    learned: LearnedRules, loaded: LoadedMigration, output: Path | None, write: Path | None
) -> str:
    """Write what was learned where it is wanted; returns the fragment."""
    text = fragment(learned, loaded.text)
    if output is not None:
        write_private(output, text)
        err.print(f"fragment written to {output}")
    if write is not None:
        rewrite(write, partial(merged, learned))
        err.print(f"topics, weights and bars written to {write}")
    return text


def _tell(report: dict[str, Any]) -> None:
    validated, expected = report["cross_validation"], report["expected_precision"]
    facts = {"learned from": f"{report['rows']} items, {report['ours']} ours ({report['data']})"}
    if "read" in report:
        read = report["read"]
        facts["read now"] = f"{read['issues']} issues on {read['pages']} pages"
    facts |= {
        "precision": f"{validated['precision']:.3f}",
        "recall": f"{validated['recall']:.3f}",
        "f1": f"{validated['f1']['mean']:.3f}, worst of {validated['repeats']} repeats "
        f"{validated['f1']['worst']:.3f}",
        "missed": f"{validated['missed']['mean']:.1f} of {validated['ours']} ours, worst "
        f"{validated['missed']['worst']}",
        "wrongly ours": f"{validated['wrong_ours']['mean']:.1f}",
        "in the stream": f"{report['mix']:.1%} ours ({report['mix_source']})",
        "expected right": f"{expected['value']:.1%} of automatic ours "
        f"({expected['low']:.1%} to {expected['high']:.1%})",
        "expected review": f"{report['expected_review_share']:.1%} of all",
        "bars": ", ".join(f"{name} {value}" for name, value in report["bars"].items()),
    }
    print_facts(facts)
    print_table(
        ("topic", "for", "prior", "in ours", "in others", "terms"),
        [
            (
                one["name"],
                one["owner"],
                one["prior"],
                one["ours"],
                one["not_ours"],
                ", ".join([*one["words"], *one["names"]])[:60],
            )
            for one in report["topics"]
        ],
    )
