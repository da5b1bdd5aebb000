"""Rules for what each decision does, and for notices, budgets and plans."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Final, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from migrator.domain.rules.activity import Days
from migrator.domain.rules.base import Rules
from migrator.domain.rules.parts import HttpsAddress

LabelName = Annotated[str, Field(max_length=50)]
LEAST_DAYS_TO_ANSWER: Final = 7
"""Days that people have at least to answer whether a stale issue is still needed."""


class RedirectRules(Rules):
    """Ours and active: one notice, the item stays open."""

    label: LabelName = ""
    """Label to add; empty for none."""


class ActiveRules(Rules):
    """What is done to an active issue. Pull requests cannot be transferred: they are always
    redirected."""

    act: Literal["redirect", "transfer"] = "redirect"
    """`redirect` posts a notice and leaves it where it is; `transfer` moves the thread itself,
    which GitHub allows within one owner."""


class StaleRules(Rules):
    """What is done to a stale issue. Pull requests are ported."""

    act: Literal["retire", "ask", "transfer"] = "retire"
    """`retire` posts a notice and closes it. `ask` posts a notice with a question, and closes it
    after `decisions.retire.grace_days` (7 at least) only if nobody answered. `transfer` moves the
    thread itself and leaves it open."""


class ThreadTransferRules(Rules):
    """The thread itself is moved to the target repository, and stays open there."""

    notice: Literal["before", "after"] = "before"
    """Whether its one notice is posted before the transfer, in the source repository, or after
    it, in the target. A notice of ours that stands already is edited before the transfer."""
    canary_minutes: Annotated[int, Field(ge=0, le=1440)] = 10
    """Minutes for which the first transferred thread of a run must stay as it was before any
    other is transferred."""
    max_differences: Annotated[float, Field(ge=0.0, le=1.0)] = 0.02
    """Share of a run's transferred threads that may differ from how they were, after what could
    be repaired was. At that share the run stops. 1 switches the gate off."""


class RetireRules(Rules):
    """Ours and stale: one notice, a label, closed as not planned. Both settings hold for `ask`,
    too."""

    label: LabelName = "migrated"
    """Label to add before the close; empty for none."""
    grace_days: Days = timedelta(0)
    """Days between the notice and the close. 0 closes at once."""


class PortRules(Rules):
    """A pull request on a moved path: one notice with the recipe, closed when its grace ends."""

    label: LabelName = "migrated"
    """Label to add; empty for none."""
    grace_days: Days = timedelta(days=14)
    """Days between the notice and the close."""
    drafts: Literal["review", "port", "leave"] = "review"
    """What happens to drafts."""
    approved: Literal["review", "port", "leave"] = "review"
    """What happens to pull requests that reviewers approved: somebody may be about to merge
    them."""
    protected: Literal["review", "port", "leave"] = "port"
    """What happens to the others that `[activity.protect]` or `activity.protecting_labels`
    protects: by default their authors get the recipe like everybody, as what they change has moved
    all the same."""


class ClearRules(Rules):
    """An unfinished item of a target repository, opened before the cutover: one notice, closed."""

    enabled: bool = True
    """Whether unfinished items of the target repositories are cleared at all."""
    label: LabelName = ""
    """Label to add; empty for none."""
    except_labels: tuple[str, ...] = ()
    """Items with one of these labels are left alone, in any case. A `*` matches anything."""
    except_numbers: tuple[int, ...] = ()
    """Items with these numbers are left alone."""
    except_protected: bool = False
    """Items that `[activity.protect]` or `activity.protecting_labels` protects are left alone."""


class WelcomeRules(Rules):
    """A new item in the source repository: one notice with the new address."""

    close: bool = False
    """Whether the item is closed, too."""
    label: LabelName = ""
    """Label to add; empty for none."""
    per_author_per_day: Annotated[int, Field(ge=0)] = 5
    """Most new items of one author that get a notice on one day, counted in `sending.zone`; the
    others are left to the next plan. 0 sets no limit. Members and collaborators of the repository
    have none."""


class DecisionRules(Rules):
    """What each decision does."""

    comment_only: bool = False
    """For a trial with an account that may comment and no more: nothing is labelled, closed or
    completed. What would be closed gets its notice and stays open; nothing is cleared."""
    head_gone: Literal["review", "close"] = "review"
    """What happens to pull requests that would be closed, but whose branch is gone, mostly with
    its fork: GitHub lets nobody open them again, so a close could not be taken back, even if its
    author speaks in the very second."""
    active: ActiveRules = ActiveRules()
    """What is done to an active issue."""
    stale: StaleRules = StaleRules()
    """What is done to a stale issue."""
    transfer: ThreadTransferRules = ThreadTransferRules()
    """The thread itself moves."""
    redirect: RedirectRules = RedirectRules()
    """Ours and active."""
    retire: RetireRules = RetireRules()
    """Ours and stale."""
    port: PortRules = PortRules()
    """Pull request on a moved path."""
    clear: ClearRules = ClearRules()
    """Unfinished item of a target repository from before the cutover."""
    welcome: WelcomeRules = WelcomeRules()
    """New item in the source repository."""

    @model_validator(mode="after")
    def _people_have_time_to_answer(self) -> DecisionRules:
        days = self.retire.grace_days.days
        if self.asks and days < LEAST_DAYS_TO_ANSWER:
            raise ValueError(
                '`decisions.stale.act = "ask"` closes an issue after `decisions.retire.grace_days`, '
                f"which is {days}: people need {LEAST_DAYS_TO_ANSWER} days at least to answer; set "
                "`decisions.retire.grace_days` to 14, or leave `decisions.stale.act` at `retire`"
            )
        return self

    @model_serializer(mode="wrap")
    def _as_before(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """A file that transfers and asks nothing keeps the digest, and so its plans the hash, that
        it had before there were transfers."""
        data: dict[str, Any] = dump(self)
        if "transfer" not in (self.active.act, self.stale.act):
            for name in ("active", "transfer") if self.asks else ("active", "stale", "transfer"):
                data.pop(name, None)
        return data

    @property
    def asks(self) -> bool:
        """Whether people are asked before a stale issue is closed."""
        return self.stale.act == "ask"

    @property
    def transfers(self) -> bool:
        """Whether any issue may be transferred. A trial that only comments transfers none."""
        asked = "transfer" in (self.active.act, self.stale.act)
        return asked and not self.comment_only


class Contributing(Rules):
    """Facts about contributing to the target repositories, for the port notice. What is left out
    is not mentioned."""

    guide: HttpsAddress | None = None
    """Web address of the contributing guide."""
    cla_individual: HttpsAddress | None = None
    """Web address of the licence agreement that individuals sign before their code is accepted."""
    cla_corporate: HttpsAddress | None = None
    """Web address of the licence agreement that companies sign."""
    discuss_first: str = ""
    """What to do before a larger change, one sentence (`Please open an issue first.`)."""
    small_fixes: str = ""
    """What goes straight to a pull request, one sentence."""
    review: str = ""
    """How a change is reviewed, tested and merged there, one or two sentences."""
    tools: tuple[str, ...] = ()
    """What a contributor needs installed, in the order of use (`Git`, `Bazel for the tests`)."""


class NoticeRules(Rules):
    """Texts of the notices. Each template is Jinja2, sandboxed; an unknown variable is an error."""

    templates: dict[str, str] = {}
    """Decision name, or name of an edit (`undone`, `yielded`, `closed`, `resolved`, `landed`,
    `completed`) -> template text that replaces the built-in one."""
    promise_commands: bool = True
    """Whether notices offer `/reopen` and its like. Refused unless a listener serves them."""
    human_contact: str = ""
    """What a notice says instead of commands, where nothing serves them (`comment here, and a
    maintainer will look`). Must be true."""
    contributing: Contributing = Contributing()
    """Facts for the port notice."""


class BudgetRules(Rules):
    """How much may be written, and how fast. GitHub's own limits bind beside these."""

    content_per_minute: Annotated[int, Field(gt=0, le=80)] = 76
    """Content-creating writes a minute."""
    content_per_hour: Annotated[int, Field(gt=0, le=500)] = 490
    """Content-creating writes an hour."""
    close_costs: Annotated[int, Field(ge=0, le=5)] = 1
    """What a label-plus-close request counts as, and any other that changes what is there:
    reopening, a new text of our notice."""
    points_per_minute: Annotated[int, Field(gt=0, le=2000)] = 1900
    """Points a minute: a read costs 1, a write 5."""
    seconds_between_writes: Annotated[float, Field(ge=0.0)] = 1.0
    """Least time between two writes, of whichever worker."""
    burst: Annotated[int, Field(ge=0)] = 120
    """Writes of a run that may go out one after the other; the rest of the hour's share is then
    laid evenly over the hour, so that others need not wait long."""
    reserve: Annotated[int, Field(ge=0, le=100)] = 5
    """Writes that commands and welcomes can always have within a minute, whatever a run is
    doing."""
    listener_share: Annotated[float, Field(gt=0.0, le=1.0)] = 0.2
    """Share of `content_per_hour` that the listener's notices on new items, replies and reactions
    can have together, so that nobody can keep a run waiting by writing comments. Half of it is kept
    for authors and people with triage rights. What keeps an item open does not count."""


class PlanRules(Rules):
    """How plans are made and how long they hold."""

    valid_days: Days = timedelta(days=7)
    """Days after which a plan expires."""
    waves: tuple[Annotated[int, Field(gt=0)], ...] = (1, 10, 50, 200)
    """Sizes of the waves, first the canary; the last size repeats. What is cleared has waves of
    its own, of which the first holds 5 items at most."""
    max_set_aside: Annotated[float, Field(ge=0.0, le=1.0)] = 0.01
    """Share of the known open items that may be set aside, because GitHub does not show them,
    when a run begins; 1 allows any."""
    approvers: Annotated[int, Field(ge=1, le=5)] = 1
    """How many different people must approve a plan before it may begin. An undo needs one."""
