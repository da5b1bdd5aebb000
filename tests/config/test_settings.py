"""Settings come from the environment alone, secrets never show, and a wrong variable is named
with its cure."""

from __future__ import annotations

import os
import traceback
from pathlib import Path

import pytest
from pydantic import ValidationError

from migrator.config.settings import (
    PREFIX,
    Settings,
    WebSettings,
    keys_in_reach,
    load_settings,
)
from migrator.errors import ConfigError

CANARY = "ghp_canary_that_must_never_show"
PEM = f"-----BEGIN RSA PRIVATE KEY-----\n{CANARY}\n-----END RSA PRIVATE KEY-----\n"


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of ours is set when a test begins."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)


def refusal() -> ConfigError:
    """The error that the environment is refused with."""
    with pytest.raises(ConfigError) as caught:
        load_settings()
    return caught.value


def test_an_empty_environment_is_enough() -> None:
    """The defaults: SQLite in a folder of ours, and GitHub itself."""
    settings = load_settings()
    assert settings.database_url.get_secret_value() == "sqlite:///.migrator/migrator.sqlite"
    assert settings.github_url == "https://api.github.com"
    assert settings.github_token is None
    assert not settings.on_loopback


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compose files pass on variables that nobody filled."""
    monkeypatch.setenv("MIGRATOR_GITHUB_TOKEN", "")
    assert load_settings().github_token is None


@pytest.mark.parametrize(
    "show",
    [str, repr, Settings.model_dump, Settings.model_dump_json, vars],
    ids=lambda show: show.__name__,
)
def test_no_way_of_printing_settings_shows_a_secret(
    show: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stars, in logs as in debuggers."""
    monkeypatch.setenv("MIGRATOR_GITHUB_TOKEN", CANARY)
    monkeypatch.setenv("MIGRATOR_DATABASE_URL", f"postgresql+psycopg://user:{CANARY}@host/name")
    settings = load_settings()
    assert callable(show)
    assert CANARY not in str(show(settings))
    assert settings.github_token is not None
    assert settings.github_token.get_secret_value() == CANARY


def test_no_traceback_shows_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the message nor the local variables of any frame hold one in clear."""
    monkeypatch.setenv("MIGRATOR_GITHUB_TOKEN", CANARY)
    monkeypatch.setenv("MIGRATOR_GITHUB_PRIVATE_KEY", f"not a key {CANARY}")
    try:
        load_settings()
    except ConfigError as error:
        shown = "".join(
            traceback.TracebackException.from_exception(error, capture_locals=True).format()
        )
    assert "MIGRATOR_GITHUB_PRIVATE_KEY" in shown
    assert CANARY not in shown


def test_no_refusal_of_the_library_shows_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even the error that we translate would be safe to print."""
    monkeypatch.setenv("MIGRATOR_GITHUB_APP_ID", CANARY)
    with pytest.raises(ValidationError) as caught:
        Settings()
    assert CANARY not in str(caught.value)


def test_a_secret_may_be_given_by_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Containers mount secrets; the editor's line end is not part of one."""
    path = tmp_path / "token"
    path.write_text(f"{CANARY}\n", encoding="utf-8")
    monkeypatch.setenv("MIGRATOR_GITHUB_TOKEN_FILE", str(path))
    token = load_settings().github_token
    assert token is not None
    assert token.get_secret_value() == CANARY


def test_a_secret_given_both_ways_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Nobody has to know which one would win."""
    monkeypatch.setenv("MIGRATOR_GITHUB_TOKEN", CANARY)
    monkeypatch.setenv("MIGRATOR_GITHUB_TOKEN_FILE", str(tmp_path / "token"))
    error = refusal()
    assert error.cause == "MIGRATOR_GITHUB_TOKEN and MIGRATOR_GITHUB_TOKEN_FILE are both set"
    assert error.cure == "keep one of them"


@pytest.mark.parametrize(("content", "cause"), [(None, "cannot be read"), ("\n", "is empty")])
def test_a_secret_file_without_a_secret_is_named(
    content: str | None, cause: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The variable and the path are in the message."""
    path = tmp_path / "token"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    monkeypatch.setenv("MIGRATOR_GITHUB_TOKEN_FILE", str(path))
    error = refusal()
    assert f"MIGRATOR_GITHUB_TOKEN_FILE names {path}" in error.cause
    assert cause in error.cause


@pytest.mark.parametrize(
    ("name", "value", "cause"),
    [
        ("MIGRATOR_GITHUB_URL", "http://github.example", "use https"),
        ("MIGRATOR_GITHUB_URL", "github.example", "example: https://api.github.com"),
        ("MIGRATOR_GITHUB_APP_ID", "my-app", "must be a valid integer"),
        ("MIGRATOR_GITHUB_APP_ID", "12", "set MIGRATOR_GITHUB_PRIVATE_KEY_FILE"),
        ("MIGRATOR_GITHUB_PRIVATE_KEY", PEM, "set MIGRATOR_GITHUB_APP_ID"),
        ("MIGRATOR_GITHUB_PRIVATE_KEY", "abc", "not a PEM private key"),
        ("MIGRATOR_GITUB_TOKEN", "abc", "did you mean `MIGRATOR_GITHUB_TOKEN`?"),
    ],
)
def test_a_wrong_variable_is_named_with_its_cure(
    name: str, value: str, cause: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message says which variable and what to do."""
    monkeypatch.setenv(name, value)
    error = refusal()
    assert name in error.cause
    assert cause in error.cause


def test_all_wrong_variables_are_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """One start, one list."""
    monkeypatch.setenv("MIGRATOR_GITHUB_URL", "ftp://x")
    monkeypatch.setenv("MIGRATOR_GITHUB_APP_ID", "x")
    monkeypatch.setenv("MIGRATOR_DATABASE_ULR", "x")
    cause = refusal().cause
    assert all(
        name in cause
        for name in ("MIGRATOR_GITHUB_URL", "MIGRATOR_GITHUB_APP_ID", "MIGRATOR_DATABASE_ULR")
    )


@pytest.mark.parametrize(
    "name", ["MIGRATOR_PORT", "MIGRATOR_SERVICE_HOST", "MIGRATOR_PORT_8000_TCP_ADDR"]
)
def test_what_kubernetes_sets_for_a_service_of_our_name_is_let_be(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables."""
    monkeypatch.setenv(name, "tcp://10.0.0.1:8000")
    assert load_settings()


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:4010", "http://localhost:4010/", "http://[::1]:4010"]
)
def test_a_sandbox_on_this_machine_needs_no_encryption(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Loopback is the one exception, and settings know that they have it."""
    monkeypatch.setenv("MIGRATOR_GITHUB_URL", address)
    assert load_settings().on_loopback


def test_an_address_never_ends_in_a_slash(monkeypatch: pytest.MonkeyPatch) -> None:
    """Paths are added to it."""
    monkeypatch.setenv("MIGRATOR_GITHUB_URL", "https://github.example/api/v3/")
    assert load_settings().github_url == "https://github.example/api/v3"


def test_the_web_reads_no_key_whoever_gives_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Neither from a variable nor from a file, which it may not even be able to read; the App's
    id stays, and the variables are named."""
    monkeypatch.setenv("MIGRATOR_GITHUB_APP_ID", "7")
    monkeypatch.setenv("MIGRATOR_GITHUB_TOKEN", CANARY)
    monkeypatch.setenv("MIGRATOR_GITHUB_PRIVATE_KEY_FILE", str(tmp_path / "not-for-you.pem"))
    settings = load_settings(WebSettings)
    assert (settings.github_app_id, settings.can_sign_in) == (7, False)
    assert settings.github_token is settings.github_private_key is None
    assert keys_in_reach() == ("MIGRATOR_GITHUB_PRIVATE_KEY_FILE", "MIGRATOR_GITHUB_TOKEN")
    assert CANARY not in repr(settings.model_dump())
