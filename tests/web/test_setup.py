"""`/setup`: from no App to one that is kept, and nobody else gets in."""

from __future__ import annotations

import html
import json
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from migrator.config.app_credentials import AppCredentials, read, save
from migrator.config.settings import Settings
from migrator.domain.webhooks.subscriptions import REACTS
from migrator.errors import ConfigError, UsageError
from migrator.github.checks.repositories import app_permission_findings
from migrator.services.app_setup import AppSetup
from migrator.web.auth.one_time_links import OneTimeLinks
from migrator.web.setup import SetupAccess, Site, create_setup_app
from tests.support.listener import loaded, world
from tests.support.sandbox_server import SOURCE, Local, build
from tests.support.sandbox_server import serving as serving_sandbox
from tests.support.webhook_sender import serving

FILE = loaded().file


@dataclass
class Setup:
    """A running `/setup`: what it told the terminal, whether it said that it is done, and a
    browser."""

    file: Path
    address: str = ""
    told: list[str] = field(default_factory=list)
    done: threading.Event = field(default_factory=threading.Event)
    browser: httpx.Client = field(default_factory=httpx.Client)

    def use_link(self, **more: Any) -> httpx.Response:
        """Open the newest link that the terminal shows."""
        return self.get(self.told[-1].removeprefix("http://127.0.0.1"), **more)

    def get(self, path: str, **more: Any) -> httpx.Response:
        """Open a page."""
        return self.browser.get(f"{self.address}{path}", **more)

    def offers(self, **query: str) -> list[tuple[str, dict[str, Any]]]:
        """Where the page's buttons lead, and the manifest that goes there."""
        found = re.findall(
            r'action="(http[^"]+)">\s*<input[^>]* value="([^"]+)"',
            self.get("/setup", params=query).text,
        )
        return [
            (html.unescape(address), json.loads(html.unescape(manifest)))
            for address, manifest in found
        ]

    def press(self, place: int = 0) -> str:
        """Press a button; the address that GitHub sends the browser back to."""
        address, manifest = self.offers()[place]
        reply = self.browser.post(address, data={"manifest": json.dumps(manifest)})
        assert reply.status_code == 302
        return reply.headers["location"].removeprefix(self.address)


@contextmanager
def setting_up(folder: Path, github_url: str, *, opened: bool = True) -> Iterator[Setup]:
    """Serve `/setup` for a GitHub at that address; ``opened`` by the link from the terminal."""
    setup = Setup(folder / "kept" / "app.json")
    settings = Settings.model_validate({"github_url": github_url, "app_file": str(setup.file)})
    site = Site(name="widget", title="Widget", source=SOURCE, web=github_url)
    links = OneTimeLinks("http://127.0.0.1", setup.told.append, path="/setup")
    app = create_setup_app(
        AppSetup(FILE, settings, "http://127.0.0.1:8080"),
        site,
        SetupAccess(links),
        clock=lambda: datetime.now(UTC),
        done=setup.done.set,
    )
    links.offer()
    with serving(app) as address:
        setup.address = address
        if opened:
            assert setup.use_link().headers["location"] == "/setup"
        yield setup
        setup.browser.close()


@pytest.fixture
def github() -> Iterator[Local]:
    """A GitHub without an App of ours."""
    with serving_sandbox(build(world())) as running:
        yield running


@pytest.fixture
def setup(github: Local, tmp_path: Path) -> Iterator[Setup]:
    """`/setup` on this machine."""
    with setting_up(tmp_path, github.url) as running:
        yield running


def kept(setup: Setup) -> AppCredentials:
    """The App in the file."""
    app = read(setup.file)
    assert app is not None
    return app


def test_an_app_is_made_and_kept_and_the_page_is_gone(setup: Setup, github: Local) -> None:
    """One press, GitHub's redirect, and the key is in its file before anybody is told; then
    nobody gets in any more."""
    made = setup.get(setup.press(1))
    assert made.status_code == 200
    app = github.world.apps["widget-migration"]
    assert kept(setup).github_private_key == app.private_key
    assert (kept(setup).github_app_id, kept(setup).webhook_secret) == (app.id, app.webhook_secret)
    assert app.owner == SOURCE.partition("/")[0]
    assert setup.done.wait(60)
    assert app.private_key[40:80] not in made.text
    assert app.webhook_secret not in made.text
    assert [
        setup.get("/setup").status_code,
        setup.get("/setup/created?code=a&state=b").status_code,
    ] == [404, 404]


def test_the_last_page_names_what_to_install_where(setup: Setup, github: Local) -> None:
    """Every owner with their repositories, and a link that does it."""
    page = setup.get(setup.press()).text
    for repository in (FILE.migration.source, *FILE.targets):
        assert f"<code>{repository}</code>" in page
    link = re.search(r'href="([^"]+/installations/new)"', page)
    assert link is not None
    assert "Installed on" in httpx.get(link[1]).text


def test_the_manifest_asks_for_what_is_needed_and_no_more(setup: Setup) -> None:
    """`check` finds nothing missing with these permissions, and something with each one less;
    events are those we work on."""
    manifest = setup.offers()[0][1]
    asked = manifest["default_permissions"]
    assert list(app_permission_findings(SOURCE, asked, writes=True)) == []
    for name in asked:
        assert len(list(app_permission_findings(SOURCE, {**asked, name: "none"}, writes=True))) == 1
    assert set(manifest["default_events"]) == set(REACTS)
    assert manifest["hook_attributes"]["url"] == "http://127.0.0.1:8080/webhooks"
    assert manifest["callback_urls"] == ["http://127.0.0.1:8080/login/callback"]


def test_every_owner_is_offered_and_ones_own_account(setup: Setup) -> None:
    """Whoever is no owner of the organisation makes it their own."""
    paths = [
        address.partition("?")[0].removeprefix("http://").partition("/")[2]
        for address, _ in setup.offers()
    ]
    owners = dict.fromkeys(
        name.partition("/")[0] for name in (FILE.migration.source, *FILE.targets)
    )
    assert paths == [
        "settings/apps/new",
        *(f"organizations/{owner}/settings/apps/new" for owner in owners),
    ]


@pytest.mark.parametrize(
    "headers",
    [{"host": "evil.example"}, {"x-forwarded-for": "192.0.2.7"}, {"forwarded": "for=192.0.2.7"}],
)
def test_other_names_and_proxies_are_not_this_machine(
    setup: Setup, headers: dict[str, str]
) -> None:
    """A page elsewhere could point its name here, and a proxy's guests may be anybody. Not even
    the link opens it for them."""
    way = setup.press()
    assert setup.get("/setup", headers=headers).status_code == 403
    assert setup.get(way, headers=headers).status_code == 403
    assert setup.use_link(headers=headers).status_code == 403
    assert not setup.file.exists()


def test_only_the_terminals_word_opens_it_and_once(github: Local, tmp_path: Path) -> None:
    """Another account of this machine does not see it. The word is void after its use, and the
    browser that used it stays in."""
    with setting_up(tmp_path, github.url, opened=False) as setup:
        assert setup.get("/setup").status_code == 403
        assert setup.get("/setup?word=guessed").status_code == 403
        link = setup.told[-1].removeprefix("http://127.0.0.1")
        assert setup.get(link).headers["location"] == "/setup"
        assert setup.get("/setup").status_code == 200
        assert httpx.get(f"{setup.address}{link}").status_code == 403
        assert httpx.get(f"{setup.address}{setup.press()}").status_code == 403
        assert setup.get(setup.press()).status_code == 200


def test_a_way_back_that_was_not_begun_here_makes_nothing(setup: Setup, github: Local) -> None:
    """Somebody else's App would listen to us, and we to it."""
    code = setup.press().partition("code=")[2].partition("&")[0]
    assert setup.get(f"/setup/created?code={code}&state=forged").status_code == 409
    assert setup.get(f"/setup/created?code={code}").status_code == 409
    assert not setup.file.exists()
    assert "widget-migration" not in github.world.apps


@pytest.mark.parametrize("code", ["0000", "../../user", ""])
def test_a_code_that_github_does_not_know_can_be_begun_again(setup: Setup, code: str) -> None:
    """Too old, or used: nothing is kept, and the next press works."""
    state = setup.press().partition("state=")[2]
    refused = setup.get("/setup/created", params={"code": code, "state": state})
    assert (refused.status_code, "Begin again" in refused.text) == (409, True)
    assert setup.get(setup.press()).status_code == 200


def test_a_lost_reply_is_not_asked_for_again(tmp_path: Path) -> None:
    """The App may exist and its key is gone: a person is told to remove it."""
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as silent:

        def hang_up() -> None:
            while True:
                try:
                    connection = silent.accept()[0]
                except OSError:
                    return
                with connection:
                    asked.append(connection.recv(65536))

        threading.Thread(target=hang_up, daemon=True).start()
        with setting_up(tmp_path, f"http://127.0.0.1:{silent.getsockname()[1]}") as setup:
            state = setup.offers()[0][0].partition("state=")[2]
            page = setup.get(f"/setup/created?code=abc&state={state}", timeout=30)
            assert (page.status_code, "remove that App at GitHub" in page.text) == (409, True)
            assert not setup.file.exists()
        silent.shutdown(socket.SHUT_RDWR)
    assert len([request for request in asked if b"app-manifests" in request]) == 1


def test_pages_send_forms_to_github_and_nowhere_else(setup: Setup, github: Local) -> None:
    """The content security policy names it; nothing is framed, cached or run."""
    headers = setup.get("/setup").headers
    assert f"form-action 'self' {github.url};" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"


def test_meanwhile_it_lives_and_is_not_ready(setup: Setup) -> None:
    """Probes see what people see."""
    assert setup.get("/healthz").status_code == 200
    assert setup.get("/readyz").status_code == 503
    assert setup.get("/").headers["location"] == "/setup"


def beginning(folder: Path, **settings: str) -> AppSetup:
    """The decisions behind the page, for GitHub itself."""
    given = Settings.model_validate({"app_file": str(folder / "app.json"), **settings})
    return AppSetup(FILE, given, "http://127.0.0.1:8080")


def test_without_a_public_address_github_is_not_asked_to_deliver(tmp_path: Path) -> None:
    """It refuses addresses that it cannot reach; the sweep finds everything meanwhile."""
    begun = beginning(tmp_path).begin("http://127.0.0.1:8080")
    manifest = json.loads(begun.offers[0].manifest)
    assert not begun.hears
    assert "hook_attributes" not in manifest
    assert manifest["default_events"] == []
    assert begun.offers[0].address.startswith("https://github.com/settings/apps/new?state=")


def test_with_a_public_address_everything_goes_there(tmp_path: Path) -> None:
    """Webhooks, logins, and the link on the App's page."""
    begun = beginning(tmp_path).begin("http://127.0.0.1:8080", "https://migrator.example.org/")
    manifest = json.loads(begun.offers[0].manifest)
    assert manifest["hook_attributes"]["url"] == "https://migrator.example.org/webhooks"
    assert manifest["callback_urls"] == ["https://migrator.example.org/login/callback"]
    assert manifest["redirect_url"] == "http://127.0.0.1:8080/setup/created"


@pytest.mark.parametrize(
    "address",
    ["http://migrator.example.org", "https://localhost", "migrator", "https://a/?b", "ftp://x"],
)
def test_an_address_that_github_cannot_reach_is_refused(tmp_path: Path, address: str) -> None:
    """With a word about what it should look like."""
    with pytest.raises(UsageError) as refused:
        beginning(tmp_path).begin("http://127.0.0.1:8080", address)
    assert refused.value.cure


def test_a_kept_app_stands_in_the_way_of_another(tmp_path: Path) -> None:
    """It is said before GitHub makes one whose key could not be kept."""
    save(
        tmp_path / "app.json",
        AppCredentials(github_url="http://127.0.0.1:1", github_app_id=1, github_private_key="x"),
    )
    with pytest.raises(ConfigError, match="holds another App"):
        beginning(tmp_path)
