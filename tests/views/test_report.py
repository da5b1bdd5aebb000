"""The report: self-contained, harmless whatever GitHub holds, and true to the plan."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.domain.decisions import Decision
from migrator.domain.evidence import Evidence, Leaning
from migrator.domain.items import ItemKind
from migrator.domain.marker import Marker, render_marker
from migrator.domain.planning.mail_forecast import forecast_mails
from migrator.domain.planning.plan import PlanHeader, PlanItem, Totals
from migrator.domain.rules import BudgetRules
from migrator.views.charts import decision_bar, silence_columns
from migrator.views.html import MOST_DRAWN, notice_html, safe_address
from migrator.views.report import render_report
from migrator.views.report_data import (
    MOST_ROWS,
    MOST_TEXTS,
    ReportData,
    ReportKind,
    RunSummary,
    collect,
)

NOW = datetime(2021, 7, 1, tzinfo=UTC)
HEADER = PlanHeader(
    migration="keras",
    source="a/old",
    targets=("a/new",),
    as_of=NOW,
    expires_at=NOW + timedelta(days=7),
    rules_digest="d" * 64,
)
RUN = RunSummary(
    outcomes={"done": 2, "skipped": 1},
    skipped={"person_spoke": 1},
    notices=2,
    closed=1,
    duplicate_notices=0,
    requests={"query": 4, "mutation": 3, "rest": 2},
    seconds=1.5,
    verified=True,
    approved_by="ann",
)


def planned(number: int, decision: str = "retire", **fields: object) -> PlanItem:
    """One item of a plan."""
    acts = decision not in ("leave", "review")
    item = PlanItem(
        key=f"a/old#{number}",
        repository="a/old",
        number=number,
        url=f"https://github.com/a/old/issues/{number}",
        title=f"Title {number}",
        decision=Decision(decision),
        code="stale",
        reason=f"Because of {decision}.",
        deciding=Evidence(
            signal="clock",
            says=Leaning.STALE,
            value="commented",
            bar="180 days",
            at=NOW,
            actor="octocat",
        ),
        clock=NOW - timedelta(days=200),
        text=(
            "**Notice** for "
            f"{number}\n\n{render_marker(Marker(migration='keras', decision=decision))}\n"
        )
        if acts
        else "",
        closes=decision in ("retire", "ask", "port", "clear"),
        recipients=("ann",) if acts else (),
    )
    return msgspec.structs.replace(item, **fields)


def report(items: list[PlanItem], **fields: object) -> ReportData:
    """A report about these items."""
    decisions = [item.decision.value for item in items]
    data = ReportData(
        kind=ReportKind.REHEARSAL,
        title="Keras leaves",
        made_at=NOW,
        header=HEADER,
        plan_hash="f" * 64,
        totals=Totals(
            items=len(items),
            decisions={name: decisions.count(name) for name in sorted(set(decisions))},
            notices=sum(item.acts for item in items),
            closes=sum(item.closes for item in items),
        ),
        collected=collect(items, as_of=NOW),
        mails=forecast_mails(items, BudgetRules()),
        run=RUN,
    )
    return msgspec.structs.replace(data, **fields)


EVERY = [planned(number, decision.value) for number, decision in enumerate(Decision, 1)]


class Page(HTMLParser):
    """What a browser would make of the page: its tags with attributes, and its visible text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the tag; those without an end are not open."""
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "br", "hr", "rect", "line"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Tags close in the order in which they opened."""
        if tag not in ("rect", "line", "meta"):
            assert self.open.pop() == tag, f"</{tag}> closes something else"

    def handle_data(self, data: str) -> None:
        """Keep what a reader sees."""
        if "style" not in self.open:
            self.text += data


def test_the_page_loads_nothing_and_runs_nothing() -> None:
    """No script, no event handler, no style attribute, no resource of any host."""
    page = Page(render_report(report(EVERY)))
    assert page.open == []
    names = {tag for tag, _ in page.tags}
    assert not names & {
        "script",
        "link",
        "img",
        "iframe",
        "object",
        "embed",
        "form",
        "base",
        "image",
        "use",
    }
    for tag, attributes in page.tags:
        assert not [
            name
            for name in attributes
            if name.startswith("on") or name in ("style", "src", "srcset")
        ]
        if "href" in attributes:
            assert tag == "a"
            assert re.match(r"#|https?://", attributes["href"] or "")


def test_the_pages_own_policy_allows_its_one_style_sheet_and_nothing_else() -> None:
    """The hash in the Content-Security-Policy is that of the style sheet as it stands in the
    page."""
    html = render_report(report(EVERY))
    (style,) = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
        in html
    )
    assert "url(" not in style
    assert "@import" not in style


HOSTILE = "\"><script>alert(1)</script><img src=x onerror=alert(1)>'{{ 7*7 }}\u202e\x00"


def test_nothing_from_github_becomes_markup() -> None:
    """Titles, texts, evidence, names and addresses are shown, not obeyed."""
    evidence = Evidence(
        signal=HOSTILE, says=Leaning.STALE, value=HOSTILE, bar=HOSTILE, actor=HOSTILE, at=NOW
    )
    item = planned(
        1,
        title=HOSTILE,
        text=HOSTILE,
        reason=HOSTILE,
        deciding=evidence,
        url="javascript:alert(1)",
        recipients=(HOSTILE,),
    )
    run = msgspec.structs.replace(
        RUN, approved_by=HOSTILE, skipped={HOSTILE: 1}, findings=(HOSTILE,), stopped=HOSTILE
    )
    html = render_report(report([item], run=run, title=HOSTILE, plan_hash=HOSTILE))
    page = Page(html)
    assert not {tag for tag, _ in page.tags} & {"script", "img"}
    assert "<script>alert(1)</script>" in page.text
    assert "{{ 7*7 }}" in page.text
    assert "\u202e" not in html
    assert "\x00" not in html
    assert "javascript:" not in html


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=st.sampled_from("<>&\"'/=abc `*_[]()#!-\n:;{}%"), max_size=120))
def test_a_notice_is_shown_as_markdown_without_html(text: str) -> None:
    """Whatever a notice holds, only harmless tags come out, and links lead to web addresses
    only."""
    page = Page(str(notice_html(text)))
    assert {tag for tag, _ in page.tags} <= {
        "p",
        "strong",
        "em",
        "a",
        "ul",
        "ol",
        "li",
        "code",
        "pre",
        "blockquote",
        "br",
        "hr",
        "h1",
        "h2",
        "h3",
        "h4",
    }
    for tag, attributes in page.tags:
        assert set(attributes) <= ({"href", "rel"} if tag == "a" else set())
        assert not re.match(
            r"\s*(javascript|data|vbscript):", attributes.get("href") or "", re.IGNORECASE
        )


def test_a_notice_that_is_too_long_to_draw_is_shown_as_it_is_written() -> None:
    """Nobody who quotes a hostile text in a notice keeps a page from being drawn."""
    text = "![" * (MOST_DRAWN // 2 - 1)
    assert notice_html(text).startswith("<p>")
    assert notice_html(f"{text}<b>").startswith(f"<pre>{text}&lt;b&gt;")


@pytest.mark.parametrize(
    ("address", "followed"),
    [
        ("https://github.com/a/b/issues/1", True),
        ("http://127.0.0.1:4010/a/b/issues/1", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("//evil.example", False),
        ("https://", False),
        ("http://[", False),
        ("", False),
    ],
)
def test_only_web_addresses_are_linked(address: str, followed: bool) -> None:
    """An item's address comes from GitHub, too."""
    assert bool(safe_address(address)) is followed


def test_every_acting_item_shows_its_exact_text_with_decision_and_evidence() -> None:
    """What would be posted can be read word by word, marker included."""
    page = Page(render_report(report(EVERY)))
    for item in EVERY:
        assert item.title in page.text
        assert item.reason in page.text
        assert item.text in page.text
    assert "commented by octocat, 2021-07-01 · held against 180 days" in page.text


def test_the_numbers_of_the_run_are_told() -> None:
    """Decisions, notices, closes, requests, mails, the result of verify."""
    text = " ".join(Page(render_report(report(EVERY))).text.split())
    assert (
        "9 open items were looked at, one by one. 2 got one notice with the new location, 1 of "
        "them was closed" in text
    )
    assert "Verified." in text
    assert "person spoke: 1" in text
    assert "no one was notified and nothing on GitHub changed" in text
    assert "Requests spent9" in text


@pytest.mark.parametrize(
    ("run", "words"),
    [
        (
            msgspec.structs.replace(RUN, verified=False, findings=("a/old#1 has two notices",)),
            "a/old#1 has two notices",
        ),
        (msgspec.structs.replace(RUN, verified=None), "Not verified yet."),
        (
            msgspec.structs.replace(RUN, stopped="Too many reopens.", left=1234),
            "Too many reopens. 1,234 items are left.",
        ),
    ],
)
def test_a_run_that_did_not_end_well_says_so_at_the_top(run: RunSummary, words: str) -> None:
    """No silent end, and no green badge over a finding."""
    page = Page(render_report(report(EVERY, run=run)))
    assert words in page.text
    assert "Verified." not in page.text


def test_a_plan_says_that_nothing_has_happened() -> None:
    """Before a run there are no results to show."""
    text = Page(render_report(report(EVERY, kind=ReportKind.PLAN, run=None))).text
    assert "Nothing happens until a maintainer approves this plan" in text
    assert "How it went" not in text


def test_the_way_back_is_told_where_it_was_gone() -> None:
    """An undo shows beside the run."""
    assert "The way back" in Page(render_report(report(EVERY, undo=RUN))).text


@pytest.mark.parametrize(
    "items",
    [[], [planned(1, "leave")], [planned(1, "review", deciding=None, title="", clock=None)]],
)
def test_small_and_empty_plans_make_a_page(items: list[PlanItem]) -> None:
    """Nothing to do is a result, too."""
    assert "Every item" in Page(render_report(report(items, mails=None))).text


def test_a_large_plan_makes_a_page_of_bounded_size() -> None:
    """Past the limits items are counted, and the page says that it does not list them."""
    items = [planned(number, text="x" * 2000) for number in range(1, MOST_ROWS + 235)]
    html = render_report(report(items))
    assert html.count("x" * 2000) == MOST_TEXTS + 1
    assert "And 234 more" in html


def test_items_may_stream_by_once() -> None:
    """A plan of any size is boiled down in one pass."""
    assert collect(iter(EVERY), as_of=NOW) == collect(EVERY, as_of=NOW)


def test_the_bar_adds_up_to_the_whole() -> None:
    """Shares are those of the counts."""
    bar = decision_bar(collect([*EVERY, planned(99)], as_of=NOW).sections)
    assert sum(piece.width for piece in bar) == pytest.approx(100, abs=0.01)
    assert {piece.name: piece.count for piece in bar}["retire"] == 2
    assert all(0 <= piece.left <= 100 for piece in bar)


@given(
    st.lists(st.integers(min_value=0, max_value=4000), min_size=1, max_size=40),
    st.integers(min_value=1, max_value=400),
)
def test_the_silence_chart_counts_every_item_on_its_side_of_the_line(
    ages: list[int], stale_days: int
) -> None:
    """Columns left of the line hold exactly the items younger than the term."""
    items = [planned(number, clock=NOW - timedelta(days=age)) for number, age in enumerate(ages, 1)]
    chart = silence_columns(collect(items, as_of=NOW, stale_days=stale_days).silence, stale_days)
    assert chart is not None
    assert chart.mark is not None
    left = sum(column.total for column in chart.columns if column.middle < chart.mark)
    assert left == sum(age < stale_days for age in ages)
    assert sum(column.total for column in chart.columns) == len(ages)
    assert all(
        0 <= piece.top <= chart.height for column in chart.columns for piece in column.pieces
    )


def test_pull_requests_are_called_so() -> None:
    """A reader sees which line is a pull request, and when it closes."""
    text = Page(
        render_report(report([planned(7, "port", kind=ItemKind.PULL_REQUEST, grace_days=14)]))
    ).text
    assert "PR #7" in text
    assert "closes after 14 days" in text
