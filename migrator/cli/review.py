"""``migrator review``."""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from migrator import bootstrap
from migrator.cli.output import (
    JsonOption,
    MigrationOption,
    err,
    moment,
    out,
    output_place,
    print_facts,
    print_json,
    print_table,
)
from migrator.domain.classification.activity import distance
from migrator.domain.decisions import Decision, ReviewAnswer
from migrator.domain.evidence import Activity, Ownership
from migrator.execution.migration_state import MigrationState
from migrator.execution.review_accuracy import measure
from migrator.services import review
from migrator.services.review_alike import AlikeItem
from migrator.store.private_files import output_file

EXAMPLE = (
    'migrator review owner/name#4712 --migration moved.toml --whose ours --why "the layer is at '
    'fault"'
)


ItemArgument = Annotated[
    str,
    typer.Argument(metavar="[OWNER/NAME#N]", help="Show this item's evidence, or answer it."),
]
WhoseOption = Annotated[
    Ownership | None,
    typer.Option("--whose", help="Your answer: who owns it?", show_default=False),
]
AliveOption = Annotated[
    Activity | None,
    typer.Option("--alive", help="Your answer: is it active?", show_default=False),
]
DecideOption = Annotated[
    Decision | None,
    typer.Option("--decide", help="Your answer: what to do with it, outright.", show_default=False),
]
PartOption = Annotated[str, typer.Option("--part", help="Which moved part it belongs to.")]
WhyOption = Annotated[str, typer.Option("--why", help="Your reason; it is kept and shown.")]
ByOption = Annotated[
    str, typer.Option("--by", help="Who answers; by default the account logged in here.")
]
LabelledOption = Annotated[
    Path | None,
    typer.Option(
        "--labelled",
        callback=output_place,
        help="Write the answered items to this CSV file, for evaluate and fit.",
    ),
]
SampleOption = Annotated[
    int,
    typer.Option(
        "--sample",
        min=0,
        help="List so many automatic verdicts, drawn at random, that no one has checked yet.",
    ),
]
UndoOption = Annotated[
    bool,
    typer.Option("--undo", help="Undo your newest answer about this item, and its copies."),
]
AlikeOption = Annotated[
    int,
    typer.Option(
        "--alike",
        min=0,
        help="Give the same answer to the items that are alike; say how many are listed.",
    ),
]


def command(
    migration: MigrationOption,
    item: ItemArgument = "",
    whose: WhoseOption = None,
    alive: AliveOption = None,
    decide: DecideOption = None,
    part: PartOption = "",
    why: WhyOption = "",
    by: ByOption = "",
    labelled: LabelledOption = None,
    sample: SampleOption = 0,
    undo: UndoOption = False,
    alike: AlikeOption = 0,
    json: JsonOption = False,
) -> None:
    """List the items that wait for a maintainer, show one with its evidence, or answer it.

    An answer is kept with who gave it, when and why, and beats the classifier for good.
    """
    records = bootstrap.open_records(migration)
    if labelled is not None:
        _write_labelled(records, labelled)
        return
    if sample:
        _sample(records, sample, json)
        return
    if not item:
        _list(records, json)
        return
    who = by or getpass.getuser()
    if undo:
        review.withdraw_answer(records, item, who)
    answer = ReviewAnswer(
        by=who,
        at=records.clock(),
        reason=why,
        ownership=whose,
        activity=alive,
        decision=decide,
        part=part,
    )
    answered = whose or alive or decide or part or why or alike
    case = (
        review.record_answer(records, item, answer, alike=alike)
        if answered
        else review.look_at(records, item, who)
    )
    if json:
        _print_case(case)
    else:
        _tell(records, case)


def _print_case(case: review.ReviewCase) -> None:
    told = {
        name: getattr(case, name)
        for name in ("ownership", "activity", "answer", "decided", "offers", "alike", "copied")
    }
    print_json(told | {"key": case.item.key})


def _write_labelled(records: MigrationState, path: Path) -> None:
    with output_file(path) as file:
        err.print(f"{review.write_labelled(records, file)} answered items written to {path}")


def _list(records: MigrationState, json: bool) -> None:
    found, measured = list(review.waiting(records)), measure(records)
    if json:
        print_json({"waiting": found, "measured": measured})
        return
    rows = [
        (
            one.key,
            f"{one.probability:.2f}",
            str(one.similar),
            str(one.mails),
            "yes" if one.sample else "",
            one.decided.message,
            one.title[:60],
        )
        for one in found
    ]
    print_table(
        ("item", "ours", "similar", "emails", "sample", "why it waits", "title"),
        rows,
        empty="No item waits for a maintainer.",
    )
    if found:
        out.print(
            f"{len(found)} items wait, those first whose answers teach most; answer one with "
            "`migrator review OWNER/NAME#N --whose ours --why ...`"
        )
    out.print(f"{measured.gate.reason} {measured.needed.reason}")


def _sample(records: MigrationState, size: int, json: bool) -> None:
    drawn, measured = review.sample(records, size), measure(records)
    if json:
        print_json({"sample": drawn, "measured": measured})
        return
    rows = [
        (one.key, f"{one.probability:.2f}", one.decided.decision, one.title[:60])
        for one in drawn.waiting
    ]
    print_table(
        ("item", "ours", "would be", "title"),
        rows,
        empty="No verdict of the sample waits for a check.",
    )
    out.print(
        f"{len(drawn.waiting)} of {drawn.drawn} drawn from {drawn.acting} wait for a check; "
        "say who owns each, and if it is active"
    )
    out.print(f"{measured.gate.reason} {measured.needed.reason}")


def _tell(records: MigrationState, case: review.ReviewCase) -> None:
    item, whose, alive = case.item, case.ownership, case.activity
    print_facts(
        {
            "item": item.key,
            "title": item.title,
            "URL": item.url,
            "decision": f"{case.decided.decision}: {case.decided.message}",
            "whose": (
                f"{whose.answer} (probability {whose.probability:.2f}, grounds: {whose.grounds}) "
                f"{whose.contradiction}"
            ),
            "alive": f"{alive.answer} ({distance(alive, records.clock())})",
            "answer": _answer(case.answer),
        }
    )
    rows = [
        (
            one.signal,
            one.says,
            f"{one.weight:+.2f}" if one.weight else "",
            one.value,
            one.bar,
            one.actor,
            moment(one.at),
        )
        for one in (*whose.evidence, *alive.evidence)
    ]
    print_table(("signal", "says", "weight", "seen", "held against", "who", "when"), rows)
    if case.decided.decision is Decision.REVIEW:
        settling = [(one.option, one.says, one.follows) for one in case.offers]
        print_table(("answer with", "it says", "what follows"), settling)
        _list_alike(case.alike)
    if case.copied:
        out.print(f"The same was recorded for {len(case.copied)} items alike.")


def _list_alike(alike: Sequence[AlikeItem]) -> None:
    if not alike:
        return
    print_table(("alike", "title"), [(each.key, each.title[:60]) for each in alike])
    out.print(f"Add `--alike {len(alike)}` to give these the same answer.")


def _answer(answer: ReviewAnswer | None) -> str:
    if answer is None:
        return "none yet"
    said = ", ".join(
        str(part)
        for part in (answer.ownership, answer.activity, answer.decision, answer.part)
        if part
    )
    copied = f" as for {answer.copied_from}" if answer.copied_from else ""
    return (
        f"{said}{copied}, by {answer.by} on "
        f"{moment(answer.at)}{': ' + answer.reason if answer.reason else ''}"
    )
