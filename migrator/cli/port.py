"""``migrator port``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from migrator.cli.output import JsonOption, err, out, output_place, print_json, print_table
from migrator.config.migration_file import load
from migrator.domain.porting import HunkVerdict, Ported
from migrator.services import port as operation

EXAMPLE = "migrator port 4712.patch --rules moved.toml --into ../new-repository"


PatchArgument = Annotated[
    Path,
    typer.Argument(
        help="The patch, as downloaded from the pull request's URL with .patch at its end."
    ),
]
RulesOption = Annotated[
    str,
    typer.Option("--rules", "-m", "--preset", help="The migration file, or the name of a preset."),
]
OutputOption = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        callback=output_place,
        help="Where the ported patch goes. [default: NAME.ported.patch]",
    ),
]
IntoOption = Annotated[
    Path | None,
    typer.Option("--into", help="A clone of the new repository: every hunk is tried on its files."),
]
PartOption = Annotated[
    str, typer.Option("--part", help="Which moved part, where there are several.")
]


def command(
    patch: PatchArgument,
    rules: RulesOption,
    output: OutputOption = None,
    into: IntoOption = None,
    part: PartOption = "",
    json: JsonOption = False,
) -> None:
    """Carry a pull request's patch over to the new repository: paths and imports rewritten, authors
    kept.

    Says of each hunk whether it is clean, was rewritten, or needs work by hand, and lists what does
    not move. Asks GitHub nothing.
    """
    ported = operation.port(patch, load(rules).file, part=part, into=into)
    place = output or patch.with_name(f"{patch.stem}.ported.patch")
    if ported.text:
        operation.write(ported, place)
    if json:
        print_json(_document(ported, place))
    else:
        _print(ported, place)


def _document(ported: Ported, place: Path) -> dict[str, Any]:
    """The report without the patch's text, which is in the file."""
    return {
        "part": ported.part,
        "target": ported.target,
        "output": str(place) if ported.text else "",
        "hunks": {
            verdict.value.replace(" ", "_"): ported.count(verdict) for verdict in HunkVerdict
        },
        "commits": ported.commits,
    }


def _print(ported: Ported, place: Path) -> None:
    for commit in ported.commits:
        out.print(
            f"[bold]{escape(commit.subject)}[/] by "
            f"{escape(commit.author)}{'' if commit.kept else ' (nothing of it moves)'}"
        )
        if commit.hunks:
            rows = [
                (hunk.path, hunk.hunk, hunk.verdict.value, hunk.reason) for hunk in commit.hunks
            ]
            print_table(("file", "hunk", "verdict", "why"), rows)
        for left in commit.left_out:
            out.print(
                f"  [bold]left out:[/] {escape(left.path)}: {escape(left.reason)}", soft_wrap=True
            )
    if not ported.text:
        err.print("Nothing of this patch moves; no file was written.")
        return
    counts = ", ".join(f"{ported.count(verdict)} {verdict.value}" for verdict in HunkVerdict)
    out.print(
        f"\n{counts}. Written to {escape(str(place))}; in a clone of {ported.target}:\n\n  git "
        f"am {escape(str(place.resolve()))}"
    )
    if ported.count(HunkVerdict.NEEDS_PERSON):
        out.print(
            "\nWhere git am stops: git am --abort, git am --reject, edit, git add, git am "
            "--continue (docs/porting.md)."
        )
