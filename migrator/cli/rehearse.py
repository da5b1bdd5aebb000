"""``migrator rehearse``."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from msgspec.structs import asdict

from migrator.cli.output import (
    JsonOption,
    RulesOption,
    out,
    output_place,
    print_json,
    print_table,
    progress_bar,
)
from migrator.cli.sandbox import (
    FromOption,
    ItemsOption,
    NowOption,
    SeedOption,
    ShareOption,
    ThreadSeedOption,
)
from migrator.config import logs
from migrator.config.migration_file import load, only_preset
from migrator.domain.planning.plan import OneSided
from migrator.errors import ChecksFailed, OneSidedRehearsal, UsageError
from migrator.rehearsal.folder import KeptFolder, new_folder
from migrator.rehearsal.runner import Rehearsing
from migrator.rehearsal.sandbox import (
    ACCOUNT,
    APP_ACCOUNT,
    WorldInput,
)
from migrator.rehearsal.theme import theme_of
from migrator.views.outcomes import QuestionSums

ONE_SIDED_CURE = (
    "give the file labels or words that its items have, or rehearse on items of your own with "
    "--from"
)
EXAMPLE = "migrator rehearse --items 400 --undo --dir rehearsal"


UndoOption = Annotated[bool, typer.Option("--undo", help="Undo everything afterwards.")]
ReactOption = Annotated[
    bool,
    typer.Option(
        "--react",
        help="Let some people react: answer, refile, fix, ask to reopen; and look after it.",
    ),
]
PacedOption = Annotated[
    bool,
    typer.Option("--paced", help="Keep GitHub's pace instead of going as fast as possible."),
]
AppOption = Annotated[
    bool,
    typer.Option("--app", help="Sign in as the sandbox's GitHub App instead of with a token."),
]
UnkindOption = Annotated[
    bool,
    typer.Option(
        "--unkind",
        help="Let the sandbox transfer issues as GitHub does at its worst: late, with "
        "relations lost and some refused.",
    ),
]
DirectoryOption = Annotated[
    Path | None,
    typer.Option(
        "--dir",
        help="Keep database, world, rules and report in this folder.",
        show_default=False,
    ),
]
ReplaceOption = Annotated[
    bool, typer.Option("--replace", help="Remove what a former rehearsal left in --dir.")
]
TourOption = Annotated[
    bool,
    typer.Option(
        "--tour",
        help="Leave a second, smaller migration in the folder `tour` inside --dir, whose plan "
        "waits for approval: `migrator serve --dir DIR/tour` leads through the rest.",
    ),
]
ItemsJsonOption = Annotated[
    Path | None,
    typer.Option(
        "--items-json",
        callback=output_place,
        help="Write one JSON object for each item: decision, turn and notice.",
        show_default=False,
    ),
]


def command(
    migration: RulesOption = "",
    items: ItemsOption = 400,
    seed: SeedOption = 7,
    share: ShareOption = None,
    source: FromOption = None,
    thread_seed: ThreadSeedOption = 7,
    now: NowOption = "",
    undo: UndoOption = False,
    react: ReactOption = False,
    paced: PacedOption = False,
    app: AppOption = False,
    unkind: UnkindOption = False,
    directory: DirectoryOption = None,
    replace: ReplaceOption = False,
    tour: TourOption = False,
    items_json: ItemsJsonOption = None,
    json: JsonOption = False,
) -> None:
    """Carry a whole migration out on your own machine: check, scan, classify, plan, approve, apply,
    verify, and --undo.

    A sandbox GitHub is filled with generated items, or with a copy of real ones (--from). Nothing
    leaves this machine. Exit code 6 if the sandbox's world is not as planned afterwards, 9 if it
    is, but nothing would move, or everything would.
    """
    logs.configure(level=logging.WARNING)
    if tour and directory is None:
        raise UsageError("a tour needs a folder to stay in", cure="add --dir FOLDER")
    loaded = load(migration or only_preset())
    world = WorldInput(
        items=items,
        seed=seed,
        file=source,
        thread_seed=thread_seed,
        now=now,
        repositories=(loaded.file.migration.source, loaded.file.targets),
        theme=theme_of(loaded.file),
        share=share,
    )
    with _folder(directory, replace) as folder, progress_bar(quiet=json) as report:
        rehearsing = Rehearsing(
            loaded,
            world,
            undo=undo,
            react=react,
            paced=paced,
            account=APP_ACCOUNT if app else ACCOUNT,
            items_json=items_json,
            transfers={"use": "unkind"} if unkind else None,
        )
        result = rehearsing.within(folder, report)
        if tour:
            rehearsing.for_a_tour().up_to_the_plan(folder.tour, report)
    if json:
        print_json(result)
    else:
        _tell(result, directory, tour)
    _check(result)


def _check(result: dict[str, Any]) -> None:
    """Raises what the exit code says: ``ChecksFailed`` or ``OneSidedRehearsal``."""
    if not result["verified"] or not result.get("undo", result)["verified"]:
        raise ChecksFailed("the sandbox's world is not as planned", cure=str(result["wrong"][:3]))
    if result["one_sided"]:
        raise OneSidedRehearsal(OneSided(result["one_sided"]).warning, cure=ONE_SIDED_CURE)


@contextmanager
def _folder(directory: Path | None, replace: bool) -> Iterator[KeptFolder]:
    """The folder to work in: the given one, or one that is removed at the end."""
    if directory is not None:
        yield new_folder(directory, replace=replace)
        return
    with tempfile.TemporaryDirectory(prefix="migrator-") as scratch:
        yield KeptFolder(Path(scratch))


def _tell(result: dict[str, Any], directory: Path | None, tour: bool) -> None:
    rows = [("items", result["items"])]
    rows += [(f"  {name}", count) for name, count in result["decisions"].items()]
    rows += [("  closed before", result["items"] - sum(result["decisions"].values()))]
    rows += [(name, result[name]) for name in ("notices", "closed")]
    rows += [(f"skipped ({code})", count) for code, count in result["skipped"].items()]
    rows += [
        (f"asked: {name.replace('_', ' ')}", count)
        for name, count in asdict(result["questions"] or QuestionSums()).items()
        if count
    ]
    rows += [("notices too many", result["duplicate_notices"])]
    rows += [
        (name.replace("_", " "), result[name])
        for name in ("transferred", "redirected_instead", "transfer_failed")
        if result[name]
    ]
    rows += [(f"requests ({kind})", count) for kind, count in result["requests"].items()]
    rows += [("people notified", result["mailed"]), ("seconds", result["seconds"])]
    rows += [("verified", "yes" if result["verified"] else "no")]
    rows += [(name, count) for name, count in result.get("reactions", {}).items()]
    if "undo" in result:
        rows += _undo_rows(result["undo"])
    print_table(("rehearsal", ""), rows)
    out.print(f"plan {result['plan_hash'][:12]}, run {result['run']}")
    if directory is not None:
        out.print(f"open {(directory / 'report.html').resolve()}", soft_wrap=True)
        if tour:
            out.print(f"run `migrator serve --dir {directory / 'tour'}` for a tour of another one")
    else:
        out.print(
            "nothing is kept; add --dir FOLDER for a report of every item with its evidence and "
            "text"
        )


def _undo_rows(undo: dict[str, Any]) -> list[tuple[str, Any]]:
    return [
        ("undone", undo["items"]),
        ("cannot be reopened", undo["cannot_reopen"]),
        *([("cannot be transferred back", undo["cannot_return"])] if undo["cannot_return"] else []),
        ("undo verified", "yes" if undo["verified"] else "no"),
    ]
