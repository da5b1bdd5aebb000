"""The prefilled "new issue" address with which a person carries an item over to the new repository
in one click.

Every parameter is documented at
https://docs.github.com/issues/tracking-your-work-with-issues/using-issues/creating-an-issue#creating-an-issue-from-a-url-query.
No ``labels=``: GitHub answers 404 to people who may not set labels.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from migrator.domain.clean_text import clean
from migrator.domain.evidence import MaintainerReply
from migrator.domain.items import Frozen, Item
from migrator.domain.marker import render_origin
from migrator.domain.notices.facts import IssueTemplate, TargetFacts
from migrator.domain.notices.item_kind import Request, request_of
from migrator.domain.notices.quoting import block, item_address, open_fence
from migrator.domain.notices.wording import day
from migrator.domain.rules import Part

MAX_BYTES: Final = 7_900
"""GitHub answers 414 to addresses longer than about 8 KB; a little is left for what mail
programs add."""

MAX_TITLE: Final = 256
_CUT_MARK: Final = "\n\n…"


class Refile(Frozen, frozen=True, kw_only=True):
    """Where to open the item again. ``cut`` says that only the beginning of the text fits;
    ``prefilled`` that any of it does."""

    url: str
    cut: bool = False
    prefilled: bool = True


class Entrance(Frozen, frozen=True, kw_only=True):
    """The page that takes the issue: ``field`` is the parameter for the text; empty if it takes
    none, as ``template`` may be."""

    template: str = ""
    field: str = "body"


def entrance(part: Part, facts: TargetFacts, *, feature: bool = False) -> Entrance:
    """Choose the way in: what the migration file says, else a blank issue, else the first template
    that takes text.

    A feature request goes to the template for these, where the target has one whose name says so.
    """
    wished = _feature_template(facts) if feature else None
    if wished is not None:
        return Entrance(template=wished.filename, field=_field(wished))
    if part.refile.template:
        known = facts.template(part.refile.template) or IssueTemplate(filename=part.refile.template)
        return Entrance(template=known.filename, field=part.refile.body_field or _field(known))
    if facts.blank_issues:
        return Entrance()
    usable = [template for template in facts.templates if _field(template)]
    usable.sort(key=lambda template: template.is_form)
    return (
        Entrance(template=usable[0].filename, field=_field(usable[0]))
        if usable
        else Entrance(field="")
    )


def _feature_template(facts: TargetFacts) -> IssueTemplate | None:
    named = (
        one
        for one in facts.templates
        if "feature" in f"{one.filename} {one.name}".casefold() and _field(one)
    )
    return next(named, None)


def _field(template: IssueTemplate) -> str:
    return template.text_field if template.is_form else "body"


def refile(
    item: Item,
    part: Part,
    facts: TargetFacts,
    *,
    base: str = "https://github.com",
    reproduced: MaintainerReply | None = None,
) -> Refile:
    """The URL that opens ``item`` again in the part's target: under 8,000 bytes whatever the title
    and text are.

    ``base`` is the web address of the GitHub server, ``reproduced`` the comment in which a
    maintainer reproduced it. Where the target takes no text from a URL, the URL of its template
    chooser is returned with ``prefilled=False``.
    """
    way = entrance(part, facts, feature=request_of(item) is Request.FEATURE)
    address = f"{base}/{part.target}/issues/new"
    if not way.field:
        return Refile(url=f"{address}/choose", prefilled=False)
    start = f"{address}?" + (f"template={_encode(way.template)}&" if way.template else "")
    start += f"title={_encode(_title(item.title))}&{_encode(way.field)}="
    text, cut = fit(item, MAX_BYTES - len(start), reproduced)
    return Refile(url=start + _encode(text), cut=cut)


def fit(item: Item, room: int, reproduced: MaintainerReply | None = None) -> tuple[str, bool]:
    """The text for the new issue in at most ``room`` percent-encoded bytes, and whether the
    item's own text was cut for it."""
    rough = _prefix(item.body, room + 1)
    body = block(rough)
    whole = preface(item, reproduced, cut=False) + body
    if len(rough) == len(item.body) and len(_encode(whole)) <= room:
        return whole, False
    head = preface(item, reproduced, cut=True)
    left = room - len(_encode(head + _CUT_MARK)) - len(_encode("\n" + "`" * 20))
    shortened = _prefix(body, left)
    fence = open_fence(shortened)
    closing = f"\n{fence}" if fence and len(fence) <= 20 else ""
    return head + shortened + closing + _open_comment_end(shortened) + _CUT_MARK, True


def preface(item: Item, reproduced: MaintainerReply | None = None, *, cut: bool) -> str:
    """What stands above the carried text: where it comes from, who wrote it when, who reproduced
    it, whether more was written."""
    origin = ("a pull request" if item.is_pull_request else "an issue") + f" of {item.repository}"
    who = f" by {item.author.login}" if item.author else ""
    address = item_address(item.url) or f"`{item.url}`"
    more = " The text is longer than a link can carry: please read the rest there." if cut else ""
    first = f"Continues {origin}, opened{who} on {day(item.created_at)}: {address}{more}"
    if reproduced is not None:
        where = item_address(reproduced.url) or f"`{reproduced.url}`"
        first += f"\n\nReproduced by {reproduced.actor} on {day(reproduced.at)}: {where}"
    return f"{first}\n\n{render_origin(item.repository, item.number)}\n\n"


def _title(title: str) -> str:
    return " ".join(clean(title).split())[:MAX_TITLE]


def _encode(text: str) -> str:
    return quote(text, safe="", errors="replace")


def _cost(char: str) -> int:
    """Bytes that one character takes in an address."""
    if char.isascii():
        return 1 if char.isalnum() or char in "_.-~" else 3
    return 3 * len(char.encode("utf-8", "replace"))


MOST_BYTES_OF_A_CHARACTER = 12
"""In an address: four bytes of UTF-8, three characters for each."""


def _prefix(text: str, room: int) -> str:
    """The longest beginning of ``text`` that takes at most ``room`` bytes, ending at a line or
    word where one is near."""
    if MOST_BYTES_OF_A_CHARACTER * len(text) <= room:
        return text
    spent = 0
    for end, char in enumerate(text):
        spent += _cost(char)
        if spent > room:
            return text[: _good_end(text, end)]
    return text


def _good_end(text: str, end: int) -> int:
    """The last line end (or else space) in the fifth of the text before ``end``; ``end`` itself
    if there is none."""
    for stop in ("\n", " "):
        found = text.rfind(stop, end - end // 5, end)
        if found > 0:
            return found
    return end


def _open_comment_end(text: str) -> str:
    """What ends an HTML comment that ``text`` leaves open, so that the rest is not hidden with
    it."""
    return " -->" if text.rfind("<!--") > text.rfind("-->") else ""
