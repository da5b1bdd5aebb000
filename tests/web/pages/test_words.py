"""What pages say is in words that a reader knows, and lists are found, sorted and sent quickly."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from tests.support.dashboard import Hall
from tests.support.hostile_texts import CORPUS
from tests.support.html import Page

HASH = re.compile(r"#[^#]*$")


def docs_links(html: str) -> set[str]:
    """Places of the documentation to which a page leads."""
    return {
        link.partition('"')[0] for link in html.split('href="')[1:] if link.startswith("/docs/")
    }


def test_every_signal_and_reason_leads_to_its_place_in_the_docs(seen: Hall) -> None:
    """On the pages of items and in the list; the page of the docs opens and has that place."""
    client = seen.client("rita")
    paths = [seen.path(each) for each in ("retire", "redirect", "leave", "review", "port")]
    links = set[str]()
    for path in (*paths, "/plan"):
        links |= docs_links(client.get(path, follow_redirects=True).text)
    assert len(links) > 8
    for link in links:
        page, _, place = link.partition("#")
        reply = client.get(page)
        assert reply.status_code == 200
        assert not place or f'id="{place}"' in reply.text, link
    assert client.get("/docs/no-such-page").status_code == 404


def test_no_signal_is_shown_as_its_code(seen: Hall) -> None:
    """Neither with a dot nor with an underscore."""
    client = seen.client("rita")
    for item in seen.context.store.plans.items(seen.plan.hash):
        text = client.get(f"/item/{item.repository}/{item.number}").text
        table = re.findall(r'<table class="evidence">.*?</table>', text, re.DOTALL)
        for signal in re.findall(r'<th scope="row">(.*?)</th>', "".join(table), re.DOTALL):
            words = re.sub("<[^>]+>", "", signal).strip()
            assert "_" not in words
            assert not re.search(r"\w\.\w", words), words


def test_times_are_relative_with_the_exact_one_on_hover(seen: Hall) -> None:
    """And for programs; dates beyond a month are dates."""
    text = seen.client("ada").get("/runs").text
    found = re.findall(r'<time datetime="(\S+?)" title="([^"]+)">([^<]+)</time>', text)
    assert found
    for exact, shown, words in found:
        assert shown == f"{exact[:10]} {exact[11:16]} UTC"
        assert re.fullmatch(r"just now|(in )?[\d.]+ (s|min|h|days)( ago)?|\d{4}-\d\d-\d\d", words)


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/plan/0?page=x", "`page` must be a whole number"),
        ("/plan/0?page=0", "`page` must be at least 1"),
        ("/plan/0?order=size", "`order` must be one of these: &#39;number&#39;"),
        ("/plan/0?q=" + "x" * 401, "`q` may have at most 400 characters"),
        ("/deliveries?before=yesterday", "`before` must be a date and time such as 2026-01-31"),
        ("/review?refused=other", "`refused` must be one of these: "),
    ],
)
def test_a_wrong_value_is_told_in_our_words(seen: Hall, path: str, says: str) -> None:
    """Which one, what it must be, and what to do."""
    reply = seen.client("ada").get(path)
    assert reply.status_code == 422
    assert says in reply.text
    assert "correct it in the URL or the form, and retry" in reply.text
    assert "Input should" not in reply.text


def test_pages_are_sent_compressed(seen: Hall) -> None:
    """To who takes it; the token of forms is another one each time, so that the lengths of answers
    do not give it away, and each of them counts."""
    client = seen.client("mia")
    reply = client.get("/plan", headers={"accept-encoding": "gzip"}, follow_redirects=True)
    assert reply.headers["content-encoding"] == "gzip"
    assert "Accept-Encoding" in reply.headers["vary"]
    assert int(reply.headers["content-length"]) < len(reply.content) / 4
    plain = client.get("/runs", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    tokens = [client.get("/api/me").json()["token"] for _ in range(2)]
    assert tokens[0] != tokens[1]
    for token in (
        *tokens,
        "",
        "no hex",
        tokens[0][:-2],
        "00" * 64,
        f"{tokens[0][:64]}{tokens[1][64:]}",
    ):
        reply = client.post("/review/skip-nothing", headers={"x-form-token": token})
        answered = client.post(
            "/api/deliveries/none/replay", headers={"x-form-token": token}
        ).status_code
        assert (answered == 403) == (token not in tokens), token


def test_a_search_finds_words_of_titles_and_texts(seen: Hall) -> None:
    """From any page, by a word that only the text of an item has; whatever is asked is no error."""
    client, plan = seen.client("rita"), seen.plan
    planned = {each.key for each in seen.context.store.plans.items(plan.hash)}
    items = [each for each in seen.context.store.snapshots.stream() if each.key in planned]
    counts = Counter(word for each in items for word in set(re.findall("[a-z]{7,}", each.body)))
    item, word = next(
        (each, word)
        for each in items
        for word in re.findall("[a-z]{7,}", each.body)
        if word not in each.title.casefold() and counts[word] < 10
    )
    landed = client.get("/plan", params={"q": word})
    assert landed.headers["location"] == f"/plan/{plan.hash[:16]}?q={word}"
    numbers = Page(client.get(landed.headers["location"]).text)
    assert any(each.get("data-item") == item.key for each in numbers.named("tr"))
    for search in (
        *(text.replace("\0", "") for text in CORPUS),
        '"',
        "a OR b",
        "NEAR(",
        "*",
        "-",
        "\\",
        "'",
    ):
        assert (
            client.get("/plan", params={"q": search[:400]}, follow_redirects=True).status_code
            == 200
        )


def test_headers_sort_and_say_so(seen: Hall) -> None:
    """A link in the header keeps the filter; a second one turns the order round."""
    client, prefix = seen.client("rita"), f"/plan/{seen.plan.hash[:16]}"
    page = client.get(f"{prefix}?decision=leave").text
    assert f'href="{prefix}?decision=leave&amp;order=title#items"' in page
    assert f'href="{prefix}?decision=leave&amp;order=clock#items"' in page
    turned = client.get(f"{prefix}?decision=leave&order=clock").text
    assert f'href="{prefix}?decision=leave&amp;order=recent#items"' in turned
    assert [each["aria-sort"] for each in Page(turned).named("th") if "aria-sort" in each] == [
        "ascending"
    ]
    run = seen.context.store.runs.newest(1)[0]
    acting = seen.context.store.plans.items(run.plan_hash, acting=True)
    sorted_keys = [
        each.key
        for each in sorted(acting, key=lambda each: (each.title, each.repository, each.number))
    ]
    rows = Page(client.get(f"/runs/{run.id}?order=title").text).named("tr")
    assert [each["data-item"] for each in rows if "data-item" in each] == sorted_keys[:50]


def test_an_error_rate_has_an_interval_from_twenty_checked_verdicts_on(fresh: Hall) -> None:
    """Before that the page says so instead."""
    client = fresh.client("mia")
    items = fresh.context.store.plans.items(fresh.plan.hash)
    judged = [item for item in items if item.code in ("not_ours", "active", "stale", "unanswered")]
    for number, item in enumerate(judged[:20], start=1):
        path = f"/api/items/{item.repository}/{item.number}/answer"
        key = "n" if item.code == "not_ours" else "o"
        assert client.post(path, json={"key": key}).status_code == 200
        if number == 19:
            assert "has an interval from 20 checked verdicts on" in client.get("/").text
            assert "95 % confidence" not in client.get("/").text
    assert "with 95 % confidence" in client.get("/").text
