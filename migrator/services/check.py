"""``check``: is everything in place for this migration? Writes nothing."""

from __future__ import annotations

from functools import partial
from typing import Final
from urllib.parse import urlsplit

from migrator.config.settings import LOOPBACK, Settings
from migrator.domain.rules import MigrationFile
from migrator.errors import DatabaseError
from migrator.execution.context import Context
from migrator.github.checks.results import CheckLevel, CheckResult, worst_first
from migrator.github.checks.run import github_findings
from migrator.listener.item_handler import has_listened
from migrator.services.plan import text_problems
from migrator.store import revisions

ONE_PROCESS: Final = "a process that others reach holds the credentials that write at GitHub"
SPLIT: Final = (
    "start `migrator serve --no-worker` without the key and `migrator worker` with it "
    "(see deploy/README.md)"
)


async def check(context: Context) -> tuple[CheckResult, ...]:
    """Every finding, worst first: database, texts, and what GitHub has to say."""
    file = context.migration.file
    database = _database(context)
    local = [
        *process_findings(context.settings),
        *database,
        *([] if database else [*_texts(context), *_items(context), *question_findings(context)]),
    ]
    scanned = None if database else partial(context.store.snapshots.stream, state="open")
    remote = await github_findings(context.clients, file, addresses=addresses(file), items=scanned)
    return worst_first([*local, *remote])


def addresses(file: MigrationFile) -> tuple[str, ...]:
    """Every URL that the notices name, each once."""
    named = [address for part in file.parts for address in (part.old_address, part.new_address)]
    if file.migration.announcement:
        named.append(file.migration.announcement)
    return tuple(dict.fromkeys([*named, *_contributing(file)]))


def _contributing(file: MigrationFile) -> list[str]:
    links = file.notices.contributing.model_dump(mode="json").values()
    return [value for value in links if isinstance(value, str) and value.startswith("http")]


def is_reached(settings: Settings, host: str = "127.0.0.1") -> bool:
    """Whether others than this machine reach what listens at ``host``: there, or by the public
    URL."""
    public = urlsplit(settings.public_url or "").hostname
    return host not in LOOPBACK or (public is not None and public not in LOOPBACK)


def process_findings(settings: Settings) -> list[CheckResult]:
    """An environment for a process that both answers strangers and acts."""
    answers = settings.webhook_secret or settings.session_secret or settings.oauth_client_secret
    if not (answers and settings.can_sign_in and is_reached(settings)):
        return []
    return [
        CheckResult(
            code="processes.one",
            level=CheckLevel.WARNING,
            message=f"one environment serves both the web and the worker: {ONE_PROCESS}",
            cure=SPLIT,
        )
    ]


def _database(context: Context) -> list[CheckResult]:
    try:
        revisions.require_current(context.store.engine)
    except DatabaseError as error:
        return [
            CheckResult(
                code="database.revision",
                level=CheckLevel.ERROR,
                message=error.cause,
                cure=error.cure,
            )
        ]
    return []


def _items(context: Context) -> list[CheckResult]:
    """Entries of an old ledger of which it is not known which item they meant."""
    return [
        CheckResult(
            code="ledger.unknown_item",
            level=CheckLevel.WARNING,
            subject=key,
            message=f"the ledger has an entry for {key}, and no scan shows which item that was",
            cure="answer it in the review queue once it is planned; until then it gets no notice",
        )
        for key in context.store.items.unmatched()
    ]


def question_findings(context: Context) -> list[CheckResult]:
    """Questions whose answer by ``/done`` nobody would hear. A comment keeps the issue open all the
    same: it is read again before it is closed."""
    file = context.migration.file
    if not file.decisions.asks:
        return []
    if not file.notices.promise_commands:
        return [_unheard("no notice names the commands", "set `notices.promise_commands` to true")]
    if not has_listened(context):
        return [
            _unheard(
                "no listener has run yet",
                "run `migrator serve`, or `migrator follow --once` from a scheduler; then plan "
                "with `--commands-served`",
            )
        ]
    return []


def _unheard(why: str, cure: str) -> CheckResult:
    message = f"people are asked before a stale issue is closed; nobody would answer `/done`: {why}"
    return CheckResult(
        code="questions.unheard", level=CheckLevel.WARNING, message=message, cure=cure
    )


def _texts(context: Context) -> list[CheckResult]:
    return [
        CheckResult(
            code="notices.template",
            level=CheckLevel.ERROR,
            subject=problem.key,
            message=problem.cause,
            cure=problem.cure,
        )
        for problem in text_problems(context)
    ]
