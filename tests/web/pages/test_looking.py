"""Every page, as somebody who may look sees it."""

from __future__ import annotations

import csv
import io
import re
from urllib.parse import urlsplit

import pytest

from migrator.web.middleware import POLICY
from tests.support.dashboard import Hall
from tests.support.hostile_texts import CORPUS
from tests.support.html import Page

PAGES = (
    "/",
    "/plan",
    "/what-if",
    "/what-if?stale_after=30",
    "/review",
    "/runs",
    "/deliveries",
    "/people",
)


@pytest.fixture(scope="module")
def bodies(seen: Hall) -> dict[str, str]:
    """Address -> HTML of every page, items of every decision included."""
    client = seen.client("ada")
    run = seen.context.store.runs.newest(1)[0]
    items = [
        f"/item/{item.repository}/{item.number}"
        for item in seen.context.store.plans.items(seen.plan.hash)
    ]
    prefix = f"/plan/{seen.plan.hash[:16]}"
    found = {}
    for path in (
        *PAGES,
        prefix,
        f"{prefix}?q=keras&order=clock&kind=issue",
        f"/runs/{run.id}",
        "/deliveries/delivery-1",
        *items,
    ):
        reply = client.get(path, follow_redirects=True)
        assert reply.status_code == 200, path
        found[path] = reply.text
    return found


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_shown_under_the_strict_policy(seen: Hall, path: str) -> None:
    """Nothing inline, nothing from elsewhere, nothing kept by the browser."""
    reply = seen.client("ada").get(path, follow_redirects=True)
    assert reply.status_code == 200
    assert reply.headers["content-security-policy"] == POLICY
    assert "unsafe" not in POLICY
    assert reply.headers["cache-control"] == "no-store"
    page = Page(reply.text)
    assert all(script["src"].startswith("/static/") for script in page.named("script"))
    assert not page.named("style")
    assert not [
        name
        for _, attributes in page.elements
        for name in attributes
        if name == "style" or name.startswith("on")
    ]


def test_the_overview_says_what_was_done(seen: Hall) -> None:
    """Counts of the plan and of its run stand on the first page."""
    text = seen.client("rita").get("/").text
    totals = seen.plan.totals
    assert f"<strong>{totals.items}</strong> open items" in text
    assert f"of {totals.notices} got a notice" in text
    waiting = seen.context.store.queue.left(seen.plan.hash)
    asked = totals.decisions["review"]
    assert f"{asked} were left to a maintainer ({asked - waiting} answered since)" in text
    assert "after 14 days of grace" in text or "wait for their grace" in text


FORBIDDEN = {
    "iframe",
    "object",
    "embed",
    "base",
    "style",
    "img",
    "math",
    "noscript",
    "frame",
    "applet",
    "audio",
    "video",
}
RUNNING = {"style", "srcdoc", "autofocus"}
"""Attributes that do something by themselves."""


def test_nothing_hostile_becomes_an_element_or_an_attribute(bodies: dict[str, str]) -> None:
    """In no page is there anything of a stranger's that could run, load, or lead anywhere but
    the web."""
    for path, html in bodies.items():
        page = Page(html)
        assert len(page.named("script")) == 1, path
        for tag, attributes in page.elements:
            assert tag not in FORBIDDEN, (path, tag)
            assert not [name for name in attributes if name.startswith("on") or name in RUNNING], (
                path,
                tag,
            )
            for name in ("href", "src", "action", "xlink:href"):
                assert attributes.get(name, "/").startswith(
                    ("/", "https://", "#", "?", "data:image/svg+xml,")
                ), (path, tag)
            assert attributes.get("action", "/").startswith("/"), (path, tag)
            assert urlsplit(attributes.get("href", "")).hostname != "elsewhere.example", (path, tag)


def test_strangers_get_no_class_and_no_id(bodies: dict[str, str]) -> None:
    """What they write cannot dress up as a part of the page."""
    for path, html in bodies.items():
        assert sum(attributes.get("id") == "main" for _, attributes in Page(html).elements) == 1, (
            path
        )


def test_the_hostile_texts_are_there_at_all(bodies: dict[str, str]) -> None:
    """The tests above look at something."""
    everything = " ".join(Page(html).text for html in bodies.values())
    assert "<script>window.harmed=1</script>" in everything
    assert sum(payload[:20] in everything for payload in CORPUS) > 10


def test_a_list_is_filtered_and_sorted(seen: Hall) -> None:
    """Each filter shows only what fits, and says how many do."""
    client, prefix = seen.client("rita"), f"/plan/{seen.plan.hash[:16]}"
    items = list(seen.context.store.plans.items(seen.plan.hash))
    retired = [item for item in items if item.decision.value == "retire"]
    page = client.get(f"{prefix}?decision=retire").text
    assert f'role="status">{len(retired)} item' in page
    one = retired[0]
    assert 'role="status">1 item' in client.get(f"{prefix}?decision=retire&q=%23{one.number}").text
    pulls = sum(item.kind.value == "pull_request" for item in items)
    assert f'role="status">{pulls} item' in client.get(f"{prefix}?kind=pull_request").text
    assert "No item fits" in client.get(f"{prefix}?author=nobody-at-all").text


def test_a_list_by_label_holds_exactly_the_items_that_carry_it(seen: Hall) -> None:
    """In every repository of the plan, and none where nothing carries it."""
    client, prefix = seen.client("rita"), f"/api/plans/{seen.plan.hash[:16]}/items"
    for label in ("comp:keras", "type:bug", "no such label"):
        found = []
        for item in seen.context.store.plans.items(seen.plan.hash):
            snapshot = seen.context.store.snapshots.get(item.repository, item.number)
            if snapshot is not None and label in snapshot.labels:
                found.append(item.key)
        reply = client.get(prefix, params={"label": label}).json()
        assert reply["count"] == len(found)
        assert [line["key"] for line in reply["lines"]] == found[:50]


def test_the_csv_holds_every_item_once(seen: Hall) -> None:
    """One line of names, then one row an item; no cell that a spreadsheet would run."""
    reply = seen.client("rita").get(f"/plan/{seen.plan.hash[:16]}/items.csv")
    rows = list(csv.reader(io.StringIO(reply.text, newline="")))
    assert len(rows) == seen.plan.totals.items + 1
    assert all(not cell.startswith(("=", "+", "@")) for row in rows for cell in row)


def test_the_list_of_deliveries_names_the_item_of_each(seen: Hall) -> None:
    """With a way to it; what cannot be read, or is very large, is listed without."""
    text = seen.client("ada").get("/deliveries").text
    source = seen.context.migration.file.migration.source
    assert text.count(f'<a href="/item/{source}/1"><bdi>{source}#1</bdi></a>') == 1
    assert text.count("<tr>") == 6


def test_what_does_not_exist_is_not_found(seen: Hall) -> None:
    """A page of ours says so, with the same headers."""
    client = seen.client("rita")
    for path in ("/plan/00000000", "/runs/none", "/item/a/b/1", "/nowhere"):
        reply = client.get(path)
        assert reply.status_code == 404, path
        assert reply.headers["content-security-policy"] == POLICY


def test_what_if_names_the_lines_that_would_keep_it(seen: Hall) -> None:
    """Turning one dial gives counts on both sides, a histogram under the turned rules, and one
    line of TOML."""
    page = seen.client("rita").get("/what-if?stale_after=30").text
    assert "change side" in page or "changes side" in page
    assert "stale after 30 days" in page, "the histogram's line stays where it was"
    assert "[activity]\nstale_after = &#34;30d&#34;" in page


def test_a_form_that_was_sent_empty_filters_nothing(seen: Hall) -> None:
    """Browsers send every field, filled in or not."""
    client, prefix = seen.client("rita"), f"/plan/{seen.plan.hash[:16]}"
    empty = "q=&code=&label=&kind=&author=&silent_days=&signal=&wave=&order=number"
    assert f'role="status">{seen.plan.totals.items} items' in client.get(f"{prefix}?{empty}").text
    assert client.get("/what-if?stale_after=&ours_at=&votes=").status_code == 200


def test_each_person_is_linked_to_the_items_that_mail_them(seen: Hall) -> None:
    """As many as the notices that the page counts; and one number of people on all pages."""
    client = seen.client("tria")
    page = client.get("/people").text
    facts = client.get("/api/overview").json()["facts"]["mails"]
    assert f'role="status">{facts["people"]} people' in page
    rows = re.findall(
        r'href="(/plan\?mailed=[^"]+)".*?<b>[\d,]+</b></td><td class="num">(\d+)<', page
    )
    assert rows
    for link, notices in rows[:5]:
        shown = client.get(link, follow_redirects=True).text
        assert f'role="status">{notices} item' in shown, link
