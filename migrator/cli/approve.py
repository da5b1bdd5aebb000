"""``migrator approve``."""

from __future__ import annotations

import asyncio
import getpass
from typing import Annotated

import typer

from migrator import bootstrap
from migrator.cli.output import JsonOption, MigrationOption, err, out, print_json
from migrator.cli.plan_warnings import print_clear_sample
from migrator.services.approve import approvals_missing, approve, expectation
from migrator.services.clear_sample import clear_sample
from migrator.services.probe import waive_probe

EXAMPLE = "migrator approve 23029490a24a --migration moved.toml --repository owner/name"


def command(
    plan_hash: Annotated[
        str, typer.Argument(metavar="HASH", help="The plan's hash, or its first 8 digits or more.")
    ],
    migration: MigrationOption,
    by: Annotated[
        str, typer.Option("--by", help="Who approves; by default the account logged in here.")
    ] = "",
    repository: Annotated[
        str,
        typer.Option(
            "--repository",
            help="The source repository's name, typed: needed unless this is a sandbox.",
        ),
    ] = "",
    waiver: Annotated[
        str,
        typer.Option(
            "--waive-probe",
            metavar="REASON",
            help="Go on without a recent `migrator probe`, and say why.",
        ),
    ] = "",
    comment: Annotated[
        str, typer.Option("--comment", help="What there is to say about it; it is recorded.")
    ] = "",
    json: JsonOption = False,
) -> None:
    """Say yes to one plan, by its hash. Who and when is recorded.

    Where the migration file asks for more than one person (`plan.approvers`), each of them
    approves.

    If items would be cleared, a sample of them is listed, and named in the audit log with the
    approval.
    """
    context = bootstrap.build(migration)
    if waiver:
        waive_probe(context, by=by or getpass.getuser(), reason=waiver)
    plan = asyncio.run(
        approve(
            context,
            plan_hash,
            by=by or getpass.getuser(),
            how="command line",
            typed=repository,
            comment=comment,
        )
    )
    if expected := expectation(plan):
        (err if json else out).print(expected)
    if json:
        print_json(
            {
                "approved": plan.hash,
                "clears": clear_sample(context, plan),
                "set_aside": plan.header.set_aside,
                "approvals_missing": approvals_missing(context, plan),
            }
        )
    else:
        print_clear_sample(clear_sample(context, plan))
        if plan.header.set_aside:
            out.print(
                f"{plan.header.set_aside} items could not be read; they are set aside, and not "
                "in this plan"
            )
        if missing := approvals_missing(context, plan):
            out.print(f"approved {plan.hash[:12]}; it needs {missing} more of you to approve it")
            return
        out.print(f"approved {plan.hash[:12]}; next: migrator apply {plan.hash[:12]}")
