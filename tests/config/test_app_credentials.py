"""The App that `/setup` made is kept for its owner alone, and counts where nothing else was
said."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from migrator.config import app_credentials
from migrator.config.app_credentials import AppCredentials
from migrator.config.settings import PREFIX, WebSettings, load_settings
from migrator.errors import ConfigError

PEM = "-----BEGIN RSA PRIVATE KEY-----\ncanary\n-----END RSA PRIVATE KEY-----\n"
APP = AppCredentials(
    github_url="https://api.github.com",
    github_app_id=7,
    github_private_key=PEM,
    webhook_secret="hook",
    oauth_client_id="Iv1.7",
    oauth_client_secret="client",
    session_secret="session" * 6,
    public_url="https://migrator.example.org",
)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the App is kept; no other variable of ours is set."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    path = tmp_path / "deep" / "app.json"
    monkeypatch.setenv("MIGRATOR_APP_FILE", str(path))
    return path


def test_a_kept_app_is_used_by_every_command(place: Path) -> None:
    """All of its values are settings now, as if the environment had named them."""
    app_credentials.save(place, APP)
    settings = load_settings()
    secrets = (
        settings.github_private_key,
        settings.webhook_secret,
        settings.oauth_client_secret,
        settings.session_secret,
    )
    assert [secret.get_secret_value() for secret in secrets if secret] == [
        PEM,
        "hook",
        "client",
        "session" * 6,
    ]
    assert (settings.github_app_id, settings.oauth_client_id) == (7, "Iv1.7")
    assert settings.public_url == "https://migrator.example.org"
    assert settings.can_sign_in


def test_without_one_there_is_no_way_to_sign_in(place: Path) -> None:
    """Then `migrator serve` opens `/setup`."""
    assert not place.exists()
    assert not load_settings().can_sign_in


def test_only_its_owner_may_read_it(place: Path) -> None:
    """Neither the file nor the folder that is made for it is open to others."""
    app_credentials.save(place, APP)
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700
    assert [path.name for path in place.parent.iterdir()] == ["app.json"]


def test_a_file_that_others_may_read_is_refused(place: Path) -> None:
    """The key may be known to them already; at least it is told."""
    app_credentials.save(place, APP)
    place.chmod(0o644)
    with pytest.raises(ConfigError, match="others may read it") as refused:
        load_settings()
    assert f"chmod 600 {place}" in refused.value.cure


def test_an_app_is_never_overwritten(place: Path) -> None:
    """Its key exists nowhere else."""
    app_credentials.save(place, APP)
    before = place.read_bytes()
    with pytest.raises(ConfigError, match="holds another App"):
        app_credentials.save(place, APP)
    assert place.read_bytes() == before


def test_a_place_that_cannot_be_written_is_told_before_an_app_is_made(tmp_path: Path) -> None:
    """Afterwards the key would be lost."""
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(ConfigError, match="cannot be kept"):
        app_credentials.require_place(tmp_path / "taken" / "app.json")


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[1]", b'{"github_url": "x", "github_app_id": "seven"}', b"\xff"]
)
def test_a_file_that_holds_no_app_is_told(place: Path, content: bytes) -> None:
    """Not by a traceback, and not by what is in it."""
    place.parent.mkdir()
    place.write_bytes(content)
    place.chmod(0o600)
    with pytest.raises(ConfigError, match="cannot be read"):
        load_settings()


def test_a_token_in_the_environment_comes_first(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever names a way to sign in means it: nothing of the kept App is mixed in."""
    app_credentials.save(place, APP)
    monkeypatch.setenv("MIGRATOR_GITHUB_TOKEN", "ghp_x")
    settings = load_settings()
    assert (settings.github_app_id, settings.webhook_secret, settings.public_url) == (
        None,
        None,
        None,
    )


def test_a_single_value_can_be_overridden(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A webhook secret that was changed is named with the one before it."""
    app_credentials.save(place, APP)
    monkeypatch.setenv("MIGRATOR_WEBHOOK_SECRET", "newer")
    monkeypatch.setenv("MIGRATOR_WEBHOOK_SECRET_PREVIOUS", "hook")
    settings = load_settings()
    assert settings.webhook_secret is not None
    assert settings.webhook_secret.get_secret_value() == "newer"
    assert settings.github_app_id == 7


def test_it_counts_only_at_the_github_where_it_was_made(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key of github.com is not shown to a sandbox, nor the other way round."""
    app_credentials.save(place, APP)
    monkeypatch.setenv("MIGRATOR_GITHUB_URL", "http://127.0.0.1:4010")
    assert load_settings().github_app_id is None


def test_no_representation_shows_a_secret() -> None:
    """Logs and debuggers show representations."""
    assert "canary" not in repr(APP)
    assert "hook" not in repr(APP)


def test_the_web_takes_everything_but_the_key(place: Path) -> None:
    """Where it may read the file: webhooks and sign-in need what is in it."""
    app_credentials.save(place, APP)
    settings = load_settings(WebSettings)
    assert settings.github_private_key is None
    assert (settings.github_app_id, settings.oauth_client_id) == (7, "Iv1.7")


def test_the_web_does_without_a_file_that_it_may_not_read(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker's user keeps it; the web's secrets are in its environment."""
    app_credentials.save(place, APP)
    monkeypatch.setattr(os, "access", lambda path, _how: Path(path) != place)
    assert load_settings(WebSettings).github_app_id is None
