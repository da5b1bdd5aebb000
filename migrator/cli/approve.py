"""``migrator approve``."""

from __future__ import annotations

import asyncio
import getpass
from typing import Annotated, Any

import typer

from migrator import bootstrap
from migrator.cli.output import JsonOption, MigrationOption, err, out, print_json
from migrator.cli.plan_warnings import print_clear_sample
from migrator.services.approve import approvals_missing, approve, expectation
from migrator.services.clear_sample import clear_sample
from migrator.services.probe import waive_probe

EXAMPLE = "migrator approve 23029490a24a --migration moved.toml --repository owner/name"


PlanHashArgument = Annotated[
    str, typer.Argument(metavar="HASH", help="The plan's hash, or its first 8 digits or more.")
]
ByOption = Annotated[
    str, typer.Option("--by", help="Who approves; by default the account logged in here.")
]
RepositoryOption = Annotated[
    str,
    typer.Option(
        "--repository",
        help="The source repository's name, typed: needed unless this is a sandbox.",
    ),
]
WaiverOption = Annotated[
    str,
    typer.Option(
        "--waive-probe",
        metavar="REASON",
        help="Go on without a recent `migrator probe`, and say why.",
    ),
]
CommentOption = Annotated[
    str, typer.Option("--comment", help="What there is to say about it; it is recorded.")
]


def command(
    plan_hash: PlanHashArgument,
    migration: MigrationOption,
    by: ByOption = "",
    repository: RepositoryOption = "",
    waiver: WaiverOption = "",
    comment: CommentOption = "",
    json: JsonOption = False,
) -> None:
    """Say yes to one plan, by its hash. Who and when is recorded.

    Where the migration file asks for more than one person (`plan.approvers`), each of them
    approves.

    If items would be cleared, a sample of them is listed, and named in the audit log with the
    approval.
    """
    context = bootstrap.build(migration)
    who = by or getpass.getuser()
    if waiver:
        waive_probe(context, by=who, reason=waiver)
    plan = asyncio.run(
        approve(context, plan_hash, by=who, how="command line", typed=repository, comment=comment)
    )
    if expected := expectation(plan):
        (err if json else out).print(expected)
    answer = {
        "approved": plan.hash,
        "clears": clear_sample(context, plan),
        "set_aside": plan.header.set_aside,
        "approvals_missing": approvals_missing(context, plan),
    }
    if json:
        print_json(answer)
    else:
        _tell(answer)


def _tell(answer: dict[str, Any]) -> None:
    print_clear_sample(answer["clears"])
    if answer["set_aside"]:
        out.print(
            f"{answer['set_aside']} items could not be read; they are set aside, and not in this "
            "plan"
        )
    digest = answer["approved"][:12]
    if missing := answer["approvals_missing"]:
        out.print(f"approved {digest}; it needs {missing} more of you to approve it")
    else:
        out.print(f"approved {digest}; next: migrator apply {digest}")
