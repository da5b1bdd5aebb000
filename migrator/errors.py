"""Every error that the migrator raises on purpose, by cause.

    MigratorError                      exit code 1
    ├── UsageError                     2   the command or its input is wrong
    │   ├── ConfigError                    the migration file or a setting
    │   └── InputFileError                 a CSV, JSON lines or patch file
    ├── DatabaseError                  3   the database is missing, locked, or of another revision
    ├── ComputeUnavailable             1   no process for judging could start
    ├── OutputFileError                1   results could not be written; what was done stands
    ├── GitHubError                    4   GitHub refused or failed
    │   ├── AuthenticationError            wrong, expired or revoked credentials
    │   ├── PermissionDenied               the account lacks a permission
    │   ├── NotFound                       repository, item or account does not exist (any more)
    │   ├── ClockWrong                     the local clock differs too much from GitHub's
    │   ├── LimitExceeded                  a primary or secondary limit; carries the wait
    │   ├── RequestRefused                 GitHub understood and declined (validation, state)
    │   ├── ServerUnavailable              a read failed and may be repeated
    │   │   └── IncompleteReply            a part of the reply is missing without a reason
    │   └── OutcomeUnknown                 a write was sent and its reply never came
    ├── PlanRefused                    5   not approved, expired, changed since, or not planned
    ├── ChecksFailed                   6   `check` or `verify` found something wrong
    ├── Stopped                        7   a run stopped early; says what is left
    ├── ItemsSetAside                  8   done, but for items that could not be read; named
    ├── OneSidedRehearsal              9   a rehearsal in which nothing would move, or everything
    └── OutOfTime                      10  the time given with `--stop-after` was over

The message names the cause; ``cure`` says what to do about it.
"""

from __future__ import annotations

from typing import ClassVar, Final

INTERRUPTED: Final = 130
"""Exit code after Ctrl-C, as shells expect it; Typer ends with it and says nothing."""
TERMINATED: Final = 143
"""Exit code after SIGTERM, as shells expect it. `serve` and `worker` end with 0: they are meant to
be ended so."""


class MigratorError(Exception):
    """Root of the tree. ``str(error)`` is the cause in one sentence, ``cure`` how to fix it."""

    exit_code: ClassVar[int] = 1

    def __init__(self, cause: str, *, cure: str = "") -> None:
        super().__init__(cause)
        self.cause = cause
        self.cure = cure


class UsageError(MigratorError):
    """The command or its input is wrong; nothing was done."""

    exit_code = 2


class ConfigError(UsageError):
    """The migration file or a setting is wrong; ``line`` is 1-based where known."""

    def __init__(self, cause: str, *, cure: str = "", line: int | None = None) -> None:
        super().__init__(cause, cure=cure)
        self.line = line


class InputFileError(UsageError):
    """A file handed to a command cannot be read as what it should be; ``line`` is 1-based."""

    def __init__(self, cause: str, *, cure: str = "", line: int | None = None) -> None:
        super().__init__(cause, cure=cure)
        self.line = line


class OutputFileError(MigratorError):
    """The results of what was done cannot be written, for lack of room mostly."""

    def __init__(self, place: object, reason: str) -> None:
        super().__init__(
            f"{place} cannot be written: {reason}",
            cure="make room where it goes, or name another file, and run the same command again",
        )


class DatabaseError(MigratorError):
    """The database is missing, locked, or of another revision."""

    exit_code = 3


class ComputeUnavailable(MigratorError):
    """The processes that judge items do not start: the machine's fault, and no item's."""


class GitHubError(MigratorError):
    """GitHub refused or failed. ``status`` is the HTTP status where there was one.

    ``usual_cure`` is how to fix it where the raiser says nothing else.
    """

    exit_code = 4
    usual_cure = ""

    def __init__(self, cause: str, *, cure: str = "", status: int | None = None) -> None:
        super().__init__(cause, cure=cure or self.usual_cure)
        self.status = status


class AccountRefused(GitHubError):
    """GitHub refuses the account, or a whole repository to it. No item and no delivery is at fault.

    ``why`` is one word for counting, of :data:`migrator.github.refusals.REFUSALS` or
    ``credentials``. ``str(error)`` has GitHub's own words.
    """

    def __init__(
        self, cause: str, *, why: str = "", cure: str = "", status: int | None = None
    ) -> None:
        super().__init__(cause, cure=cure, status=status)
        self.why = why


class AuthenticationError(AccountRefused):
    """Wrong, expired or revoked credentials."""

    def __init__(
        self, cause: str, *, why: str = "credentials", cure: str = "", status: int | None = None
    ) -> None:
        super().__init__(cause, why=why, cure=cure, status=status)

    usual_cure = "check the token or the App's key; it may be expired or revoked"


class PermissionDenied(GitHubError):
    """The account lacks a permission that the request needs."""

    usual_cure = "give the account the permission; `migrator check` names what is missing"


class NotFound(GitHubError):
    """Repository, item or account does not exist, or no longer, or not for us."""

    usual_cure = "check the name, and that the account may see it; run `migrator check`"


_SPANS = ((86_400, "days"), (3_600, "hours"), (60, "minutes"), (1, "seconds"))


class ClockWrong(GitHubError):
    """This machine's clock is so many seconds ahead of GitHub's (behind: negative) that no date
    can be trusted."""

    usual_cure = "set this machine's clock, by NTP if it can, then go on"

    def __init__(self, ahead: float) -> None:
        size, unit = next(
            ((size, unit) for size, unit in _SPANS if abs(ahead) >= 2 * size), _SPANS[-1]
        )
        super().__init__(
            f"this machine's clock is {abs(ahead) / size:.0f} {unit} "
            f"{'ahead of' if ahead > 0 else 'behind'} GitHub's"
        )
        self.ahead = ahead


class LimitExceeded(GitHubError):
    """A primary or secondary limit was hit. ``wait`` is in seconds: what GitHub asked for, else
    what it documents."""

    def __init__(
        self, cause: str, *, wait: float, secondary: bool, status: int | None = None
    ) -> None:
        super().__init__(cause, cure=f"wait {wait:.0f} s", status=status)
        self.wait = wait
        self.secondary = secondary


class RequestRefused(GitHubError):
    """GitHub understood the request and declined it (validation, locked, wrong state)."""


class ServerUnavailable(GitHubError):
    """A read failed at the server or on the way; it changes nothing and may be repeated."""

    usual_cure = (
        "check the network and MIGRATOR_GITHUB_URL, or wait until GitHub is available again; what "
        "was read is kept"
    )


class IncompleteReply(ServerUnavailable):
    """A part of the reply is missing or null, and nothing says that it does not exist; ``str``
    has GitHub's words, if any."""


class OutcomeUnknown(GitHubError):
    """A write was sent and no usable reply came: it may or may not have happened. Never repeat
    it blindly."""


class PlanRefused(MigratorError):
    """The plan may not be applied: not approved, expired, rules changed, or the item was never
    planned."""

    exit_code = 5


class ChecksFailed(MigratorError):
    """A check or a verification found something wrong; the report names each finding."""

    exit_code = 6


REPLACED: Final = "is another repository now"
"""Words by which :class:`RepositoryReplaced` is told in the reason of a run."""


class RepositoryReplaced(ChecksFailed):
    """A repository's name means another repository than before: nothing is read or written
    there."""

    @classmethod
    def under(cls, name: str, *, before: str, now: str) -> RepositoryReplaced:
        """The error of a name that meant the repository with the id ``before``."""
        return cls(
            f"{name} {REPLACED}: its id was {before} and is {now}",
            cure="write the present name of the old repository into the migration file",
        )


EVERYBODYS: Final = (
    LimitExceeded,
    ServerUnavailable,
    AccountRefused,
    ClockWrong,
    RepositoryReplaced,
    ComputeUnavailable,
)
"""What concerns the account, a whole repository or this machine: no item and no delivery is at
fault."""


class Stopped(MigratorError):
    """A run ended before its work was done; the message says why and how much is left."""

    exit_code = 7


class ItemsSetAside(MigratorError):
    """The work is done but for items that could not be read or kept; the message says how many
    and which."""

    exit_code = 8


class OneSidedRehearsal(MigratorError):
    """A rehearsal went as planned, but nothing would move, or everything would: the migration
    file is hardly right."""

    exit_code = 9


class OutOfTime(MigratorError):
    """The time given with `--stop-after` was over before the work was done: what was under way is
    finished, and the same command goes on."""

    exit_code = 10
