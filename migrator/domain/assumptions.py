"""What we believe of GitHub without its documentation saying so, and how a person or a probe finds
out.

``docs/unverified.md`` is made from this list.
"""

from __future__ import annotations

from typing import Final

from migrator.domain.items import Frozen


class Assumption(Frozen, frozen=True, kw_only=True):
    """One of them. ``probe`` says what `migrator probe` does about it; empty: a person has to,
    as ``by_hand`` says. ``transfers`` marks those about transfers, which a probe of two
    repositories finds out; a ``question`` is answered and no answer is wrong."""

    code: str
    says: str
    matters: str
    probe: str = ""
    by_hand: str = ""
    transfers: bool = False
    question: bool = False


ASSUMPTIONS: Final = (
    Assumption(
        code="reply_shows_thread",
        says=(
            "The reply to our own comment shows its thread right after: state, lock and last "
            "comments, ours among them."
        ),
        matters=(
            "It is the second look before a close that follows at once; nobody who speaks in "
            "between is overlooked."
        ),
        probe="comments and reads the reply",
    ),
    Assumption(
        code="marker_survives",
        says="The hidden mark in a comment (an HTML comment) is kept as it was sent.",
        matters="After a lost reply we look for it; if it were removed, our notice would be lost.",
        probe="reads its comment back and looks for the mark",
    ),
    Assumption(
        code="write_is_soon_read",
        says="A write can be read within `MIGRATOR_READ_LAG_SECONDS`.",
        matters=(
            "A look-up that finds nothing counts only after that time; with a longer lag a "
            "notice could be posted twice."
        ),
        probe="reads until the comment is there, and records how long it took",
    ),
    Assumption(
        code="steps_in_order",
        says=(
            "The steps of one request are done in their order, and a step that fails does not "
            "stop the next one."
        ),
        matters=(
            "Label and close travel in one request; a label that is gone must not keep an item "
            "open that we call closed."
        ),
        probe="adds a label that does not exist and closes, in one request",
    ),
    Assumption(
        code="close_reason_kept",
        says="An issue that is closed as not planned says so afterwards.",
        matters="Statistics of a project tell stale items from solved ones by it.",
        probe="reads the closed issue",
    ),
    Assumption(
        code="closing_twice_is_harmless",
        says="Closing what is closed changes nothing and is no error.",
        matters="A close whose reply was lost is looked at first; this is the net below.",
        probe="closes again and compares the events",
    ),
    Assumption(
        code="reopen_works",
        says="The account that acts can reopen what it closed, and remove the label that it added.",
        matters="Undo, `/reopen` and the yielding to a late comment rest on it.",
        probe="reopens and reads",
    ),
    Assumption(
        code="edit_keeps_comment",
        says="An edited comment keeps its id, its place and its date.",
        matters="Later texts replace the notice; there is never a second one.",
        probe="edits its comment and reads",
    ),
    Assumption(
        code="no_backlink",
        says=(
            "A link through `redirect.github.com` leaves no reference in the thread that it "
            "leads to."
        ),
        matters=(
            "A thousand notices would otherwise leave a thousand references in other people's "
            "threads."
        ),
        probe="links from one of its issues to the other, and reads the other's timeline",
    ),
    Assumption(
        code="reaction_moves_nothing",
        says="A reaction does not change when an item was updated.",
        matters=(
            "Reading only what changed does not see reactions; the look right before the act does."
        ),
        probe="reacts and compares",
    ),
    Assumption(
        code="transfer_redirects",
        says="After a transfer the old number leads to the new issue within a minute.",
        matters="A transfer whose reply was lost is settled by it; nothing is sent a second time.",
        probe="transfers an issue and asks for the old number, and records how long it took",
        transfers=True,
    ),
    Assumption(
        code="transfer_keeps_thread",
        says="A transferred issue has the same author, date, text and comments.",
        matters="By these a thread is found again at its new place, and compared.",
        probe="compares the thread before and after",
        transfers=True,
    ),
    Assumption(
        code="transfer_old_node",
        says="Is the old node id found after a transfer?",
        matters="A second send by the old id is refused where it is not found.",
        probe="asks for the old node id",
        transfers=True,
        question=True,
    ),
    Assumption(
        code="transfer_comment_ids",
        says="Do comments keep their ids in a transfer?",
        matters="Our notice is found by its mark, so that either will do.",
        probe="compares the ids before and after",
        transfers=True,
        question=True,
    ),
    Assumption(
        code="transfer_relations",
        says="Does a sub-issue keep its parent in another repository?",
        matters="Relations that vanish are repaired from what was written down before.",
        probe="transfers a sub-issue and reads its parent",
        transfers=True,
        question=True,
    ),
    Assumption(
        code="transfer_closed",
        says="Can a closed issue be transferred? The documentation names open ones only.",
        matters="An issue that is closed in the meantime stays, and a redirect reports it.",
        probe="closes an issue and transfers it",
        transfers=True,
        question=True,
    ),
    Assumption(
        code="content_count",
        says=(
            "A comment counts as one, and label plus close in one request as one, towards the 80 "
            "a minute and 500 an hour."
        ),
        matters=(
            "If more is counted, a run meets the limit and goes slower by itself; if less, it is "
            "slower than it need be."
        ),
        by_hand=(
            "apply a plan of 100 items to a scratch repository, and look at the limit errors in "
            "the run"
        ),
    ),
    Assumption(
        code="transfer_content_count",
        says="A transfer counts as one towards the 80 a minute and 500 an hour, as a comment does.",
        matters="If more is counted, a run meets the limit and goes slower by itself.",
        by_hand=(
            "transfer 100 issues between two scratch repositories, and look at the limit errors "
            "in the run"
        ),
        transfers=True,
    ),
    Assumption(
        code="transfer_mails",
        says="A transfer notifies those who are mentioned in the thread, and no one else.",
        matters="A plan counts the emails of its transfers before they are sent.",
        by_hand=(
            "mention a second account in an issue, let a third comment, watch with a fourth, and "
            "transfer it"
        ),
        transfers=True,
    ),
    Assumption(
        code="transfer_extras",
        says="Type, fields, lock, pin, subscriptions and project items may be lost in a transfer.",
        matters="Nobody has shown what becomes of them, so plans name them as at risk. Lock and "
        "pin are set again.",
        by_hand="give an issue of the scratch repository all of these, transfer it, and look",
        transfers=True,
    ),
    Assumption(
        code="transfer_never",
        says="Some issues can never be transferred, such as those that the import API made.",
        matters="A redirect reports them, on record.",
        by_hand="import an issue into the scratch repository and transfer it",
        transfers=True,
    ),
    Assumption(
        code="author_cannot_reopen",
        says="An author without a role cannot reopen what we closed.",
        matters="Notices do not ask authors to use a button that they do not have.",
        by_hand="with a second account: open an issue, close it with the first, try to reopen",
    ),
    Assumption(
        code="edit_mails_nobody",
        says="Editing a comment notifies no one.",
        matters="A plan counts one email for each notice, whatever is edited later.",
        by_hand=(
            "watch the scratch repository with a second account while the probe runs, and count "
            "the emails"
        ),
    ),
    Assumption(
        code="prefilled_form",
        says=(
            "A link to `issues/new` with `template=` and the id of a field fills that field, for "
            "people without a role, too."
        ),
        matters=(
            "The text of a stale item is offered for opening it again; it would be lost otherwise."
        ),
        by_hand=(
            "follow the link of a planned notice in a window that is not logged in as a maintainer"
        ),
    ),
    Assumption(
        code="pull_request_without_head",
        says="A pull request whose branch was deleted cannot be reopened.",
        matters="Undo says so before and records it (`cannot_reopen`).",
        by_hand=(
            "close a pull request of the scratch repository, delete its branch, look for the button"
        ),
    ),
    Assumption(
        code="counts_are_shown",
        says=(
            "`totalCount` of an item's labels and comments counts what GitHub shows, and nothing "
            "that it hides for good."
        ),
        matters=(
            "An item whose list is shorter than its count is set aside; if counts were wrong for "
            "good, it would stay so."
        ),
        by_hand=(
            "look at the items that `migrator scan` sets aside with `comments of` or `labels of` "
            "in its words"
        ),
    ),
    Assumption(
        code="cursors_last",
        says="A cursor of a list by date of creation still leads to the same place days later.",
        matters=(
            "An item that was set aside is asked for again at its place; otherwise it is asked "
            "for by its id."
        ),
        by_hand=(
            "run `migrator scan` again a week after an item was set aside, and see whether it is "
            "known then"
        ),
    ),
    Assumption(
        code="viewer_permission_of_users",
        says=(
            "`viewerPermission` shows the person's own role to the token that they signed in "
            "with, also where the App that they sign in with may only read."
        ),
        matters=(
            "The dashboard's roles follow from it; a role that is shown too small keeps a "
            "maintainer out, one that is shown too large lets somebody approve."
        ),
        by_hand=(
            "sign in as a maintainer, as somebody with triage and as a stranger, and compare what "
            "the dashboard says with the repositories' settings"
        ),
    ),
)
"""All of them; those with a ``probe`` first."""

PROBED: Final = frozenset(
    belief.code for belief in ASSUMPTIONS if belief.probe and not belief.transfers
)
"""Codes of what a probe finds out by itself."""
TRANSFERS_PROBED: Final = frozenset(
    belief.code for belief in ASSUMPTIONS if belief.probe and belief.transfers
)
"""Codes of what a probe of two repositories finds out beside it."""
