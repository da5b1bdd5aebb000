"""Every page, as somebody who may look sees it."""

from __future__ import annotations

import re

import pytest

from migrator.web.guarding import POLICY
from tests.web.hall import Hall
from tests.web.hostile import CORPUS

PAGES = ("/", "/plan", "/what-if", "/what-if?stale_after=30", "/review", "/runs", "/deliveries", "/people")


def bodies(hall: Hall) -> dict[str, str]:
    """Address -> HTML of every page, items of every decision included."""
    client = hall.client("ada")
    run = hall.context.store.runs.newest(1)[0]
    items = [f"/item/{item.repository}/{item.number}" for item in hall.context.store.plans.items(hall.plan.hash)]
    prefix = f"/plan/{hall.plan.hash[:16]}"
    found = {}
    for path in (*PAGES, prefix, f"{prefix}?q=keras&order=clock&kind=issue", f"/runs/{run.id}", "/deliveries/delivery-1", *items):
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
    assert not re.search(r"<(script|style)(?![^>]*(src|href)=)[^>]*>|\sstyle=|\son[a-z]+=", reply.text)


def test_the_overview_says_what_was_done(seen: Hall) -> None:
    """Counts of the plan and of its run stand on the first page."""
    text = seen.client("rita").get("/").text
    totals = seen.plan.totals
    assert f"<strong>{totals.items}</strong> open items" in text
    assert f"of {totals.notices} have been told" in text
    assert "after 14 days of grace" in text or "wait for their grace" in text


def test_nothing_hostile_leaves_its_text(seen: Hall) -> None:
    """No element and no attribute that a stranger wrote is in any page, beyond the harmless ones."""
    for path, html in bodies(seen).items():
        assert "harmed=1</script>" not in html.replace("&lt;/script&gt;", ""), path
        for tag in re.findall(r"<[a-zA-Z][^>]*>", html):
            assert not re.search(r"\son[a-z]+\s*=", tag), (path, tag)
            assert "javascript:" not in tag.casefold(), (path, tag)
            assert not re.match(r"<(iframe|object|embed|base|style|img|math|noscript|frame|applet)\b", tag, re.I), (path, tag)
            assert "elsewhere.example" not in tag or tag.startswith("<option"), (path, tag)


def test_the_hostile_texts_are_there_at_all(seen: Hall) -> None:
    """The test above looks at something."""
    everything = "".join(bodies(seen).values())
    assert "&lt;script&gt;window.harmed=1&lt;/script&gt;" in everything
    assert sum(payload[:12].replace("<", "&lt;").replace('"', "&#34;") in everything for payload in CORPUS) > 5


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


def test_the_csv_holds_every_item_once(seen: Hall) -> None:
    """One line of names, then one row an item; no cell that a spreadsheet would run."""
    import csv
    import io

    reply = seen.client("rita").get(f"/plan/{seen.plan.hash[:16]}/items.csv")
    rows = list(csv.reader(io.StringIO(reply.text, newline="")))
    assert len(rows) == seen.plan.totals.items + 1
    assert all(not cell.startswith(("=", "+", "@")) for row in rows for cell in row)


def test_what_does_not_exist_is_not_found(seen: Hall) -> None:
    """A page of ours says so, with the same headers."""
    client = seen.client("rita")
    for path in ("/plan/00000000", "/runs/none", "/item/a/b/1", "/nowhere"):
        reply = client.get(path)
        assert reply.status_code == 404, path
        assert reply.headers["content-security-policy"] == POLICY


def test_what_if_names_the_lines_that_would_keep_it(seen: Hall) -> None:
    """Turning one dial gives counts on both sides and one line of TOML."""
    page = seen.client("rita").get("/what-if?stale_after=30").text
    assert "decided otherwise" in page
    assert "[activity]\nstale_after = &#34;30d&#34;" in page
