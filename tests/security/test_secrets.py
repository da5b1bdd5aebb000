"""Credentials are nowhere but in memory: not in the database, logs, reports, errors or
representations."""

from __future__ import annotations

import asyncio
import hmac
import os
import re
import signal
import subprocess
import sys
import traceback
from pathlib import Path

import httpx
import pytest

from migrator import bootstrap
from migrator.cli.serve import secrets_of
from migrator.config.settings import Settings
from migrator.errors import GitHubError
from migrator.github.app import AppSecrets, GitHubApp, InstallationTokens
from migrator.rehearsal.sandbox import ACCOUNT, running_sandbox, write_world
from migrator.sandbox.apps import new_key
from migrator.sandbox.worlds import generate
from migrator.store.database import open_engine
from migrator.web.app import AppDependencies
from migrator.web.build import open_dashboard
from tests.cli.conftest import Ran
from tests.support.forked import run_forked

TOKEN = f"sandbox-{ACCOUNT}"
SECRETS = {
    "github_token": "ghp_tokenthatnobodyshouldsee",
    "webhook_secret": "webhooksecretthatnobodyshouldsee",
    "session_secret": "sessionsecretthatnobodyshouldsee-0123456789",
    "oauth_client_secret": "oauthsecretthatnobodyshouldsee",
    "database_url": "postgresql://me:passwordthatnobodyshouldsee@127.0.0.1:1/none",
}


def run(*words: str, environment: dict[str, str], folder: Path) -> Ran:
    """Run a command in a process of its own."""
    return Ran(*run_forked(list(words), folder, environment))


def migrator(
    *words: str, environment: dict[str, str], folder: Path
) -> subprocess.CompletedProcess[bytes]:
    """Run a command as a person would."""
    command = [sys.executable, "-m", "migrator", *words]
    return subprocess.run(command, env=environment, capture_output=True, check=False, cwd=folder)


def newest_plan(folder: Path) -> str:
    """Hash of the plan that was made."""
    engine = open_engine(f"sqlite:///{folder / 'migrator.sqlite'}")
    with engine.connect() as connection:
        found = str(
            connection.exec_driver_sql(
                "select hash from mig_plan order by created_at desc"
            ).scalar()
        )
    engine.dispose()
    return found


def test_no_byte_of_a_migration_holds_the_token(tmp_path: Path) -> None:
    """Database, report, what is printed and what is logged, for every step from check to verify,
    and for one that fails."""
    write_world(generate(items=60, seed=4), tmp_path / "world.jsonl")
    kept = tmp_path / "kept"
    kept.mkdir()
    printed = b""
    with running_sandbox("--world", str(tmp_path / "world.jsonl")) as sandbox:
        environment = {
            **{
                name: value
                for name, value in os.environ.items()
                if not name.startswith("MIGRATOR_")
            },
            "MIGRATOR_DATABASE_URL": f"sqlite:///{kept / 'migrator.sqlite'}",
            "MIGRATOR_GITHUB_URL": sandbox.url,
            "MIGRATOR_GITHUB_TOKEN": TOKEN,
            "MIGRATOR_MIGRATION": "keras",
            "MIGRATOR_CUT_OFF_SECONDS": "0.4",
            "MIGRATOR_READ_LAG_SECONDS": "0.2",
        }
        steps = [
            "db upgrade",
            "check",
            "scan",
            "classify",
            "plan",
            "approve HASH",
            "apply HASH --unpaced",
            "verify",
            "runs",
        ]
        for step in steps:
            plan = newest_plan(kept) if "HASH" in step else ""
            done = run(*step.replace("HASH", plan).split(), environment=environment, folder=kept)
            printed += f"{done.out} {done.err}".encode()
            assert done.code == 0, done.err
        wrong = environment | {"MIGRATOR_GITHUB_TOKEN": SECRETS["github_token"]}
        refused = run("scan", environment=wrong, folder=kept)
        assert refused.code == 4
    everything = printed + f"{refused.out} {refused.err}".encode()
    everything += b"".join(path.read_bytes() for path in kept.rglob("*") if path.is_file())
    assert b"keras" in everything
    assert TOKEN.encode() not in everything
    assert SECRETS["github_token"].encode() not in everything


def test_settings_show_no_secret() -> None:
    """Neither as text, nor in a representation, nor as a dictionary that somebody prints."""
    settings = Settings.model_validate(SECRETS)
    shown = f"{settings} {settings!r} {settings.model_dump()} {settings.model_dump_json()}"
    assert [name for name, value in SECRETS.items() if value in shown] == []


def test_a_wrong_setting_is_told_without_its_value() -> None:
    """The message names the variable; the traceback below it holds no value either."""
    values = {**SECRETS, "github_private_key": SECRETS["webhook_secret"]}
    try:
        Settings.model_validate(values)
    except ValueError:
        told = traceback.format_exc()
    assert "github_private_key" in told
    assert "thatnobodyshouldsee" not in told


def test_a_database_that_does_not_answer_is_told_without_its_password() -> None:
    """The driver's own words name the host, not the password."""
    engine = open_engine(SECRETS["database_url"])
    try:
        engine.connect()
    except Exception:  # whatever it raises is what people would see
        told = traceback.format_exc()
    assert "passwordthatnobodyshouldsee" not in told
    assert "passwordthatnobodyshouldsee" not in repr(engine)


PEM = re.compile(rb"[A-Za-z0-9+/=]{60,}")
INSTALLATION_TOKEN = re.compile(rb"ghs_[A-Za-z0-9]{20,}")
"""What GitHub's installation tokens look like, and the sandbox's."""


def files_below(folder: Path, *, but: str) -> bytes:
    """Every byte of a folder's files, those below ``but`` left out."""
    return b"".join(
        path.read_bytes() for path in folder.rglob("*") if path.is_file() and but not in path.parts
    )


def signed(body: bytes, secret: str) -> dict[str, str]:
    """Headers of a delivery, signed as GitHub does it."""
    digest = hmac.new(secret.encode(), body, "sha256").hexdigest()
    return {
        "Content-Type": "application/json",
        "X-GitHub-Event": "ping",
        "X-GitHub-Delivery": digest[:32],
        "X-Hub-Signature-256": f"sha256={digest}",
    }


def serve_to_strangers(folder: Path, secrets: dict[str, str]) -> bytes:
    """Serve a kept rehearsal with all secrets set, to requests that are forged, broken and
    well-signed; what it said."""
    environment = {
        **os.environ,
        **{f"MIGRATOR_{name.upper()}": value for name, value in secrets.items()},
    }
    command = [sys.executable, "-m", "migrator", "serve", "--dir", str(folder), "--port", "0"]
    log = folder.parent / "serve.log"
    with (
        log.open("wb") as errors,
        subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=errors
        ) as serving,
    ):
        assert serving.stdout is not None
        first = serving.stdout.readline()
        with httpx.Client(base_url=first.split()[-1].decode(), timeout=30) as stranger:
            forged = stranger.post("/webhooks", content=b"{}", headers=signed(b"{}", "forged"))
            taken = stranger.post(
                "/webhooks", content=b"{}", headers=signed(b"{}", secrets["webhook_secret"])
            )
            away = stranger.get("/login/github")
            back = {
                "state": httpx.URL(away.headers["location"]).params["state"],
                "code": "nobody-gave-this",
            }
            refused = stranger.get("/login/callback", params=back)
            pages = [
                forged,
                taken,
                refused,
                stranger.get("/"),
                stranger.get("/metrics"),
                stranger.get("/readyz"),
            ]
        serving.send_signal(signal.SIGTERM)
        said = first + serving.stdout.read()
        assert serving.wait(timeout=60) == 0
    assert (forged.status_code, taken.status_code // 100, refused.status_code >= 400) == (
        401,
        2,
        True,
    )
    return (
        said
        + log.read_bytes()
        + b"".join(page.content + repr(page.headers).encode() for page in pages)
    )


@pytest.mark.slow
def test_no_byte_of_a_run_as_an_app_holds_a_secret(tmp_path: Path) -> None:
    """Key, installation tokens, webhook, session and login secrets: not in database, report,
    logs or replies, well or refused."""
    kept = tmp_path / "kept"
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MIGRATOR_")}
    rehearse = (
        "rehearse",
        "--preset",
        "keras",
        "--items",
        "40",
        "--app",
        "--dir",
        str(kept),
        "--json",
    )
    done = migrator(*rehearse, environment=clean, folder=tmp_path)
    assert done.returncode == 0, done.stderr.decode()
    secrets = {
        name: value
        for name, value in SECRETS.items()
        if name not in ("github_token", "database_url")
    }
    said = serve_to_strangers(kept, secrets | {"oauth_client_id": "Iv1.nobody"})
    theirs = files_below(kept / "sandbox", but="none")
    tokens, key = (
        set(INSTALLATION_TOKEN.findall(theirs)),
        set(PEM.findall(next(kept.rglob("*.pem")).read_bytes())),
    )
    assert tokens
    assert len(key) > 10
    everything = done.stdout + done.stderr + said + files_below(kept, but="sandbox")
    assert b"listening on" in everything
    assert (kept / "report.html").exists()
    hidden = {*key, *tokens, *(value.encode() for value in secrets.values())}
    assert [secret for secret in hidden if secret in everything] == []
    assert not INSTALLATION_TOKEN.search(everything)


def test_no_object_that_is_built_of_secrets_shows_them(tmp_path: Path) -> None:
    """Representations end in tracebacks, debuggers and logs: whatever holds a secret prints
    without it."""
    key = new_key()
    values = {
        **SECRETS,
        "database_url": f"sqlite:///{tmp_path / 'x.sqlite'}",
        "github_url": "http://127.0.0.1:9",
    }
    del values["github_token"]
    settings = Settings.model_validate(
        {**values, "github_app_id": 1, "github_private_key": key, "oauth_client_id": "Iv1.a"}
    )
    bootstrap.begin_database(settings)
    context = bootstrap.build("keras", settings=settings)
    desk = open_dashboard(
        context, address="http://127.0.0.1:1", enqueue=lambda _run: None, tell=lambda _link: None
    )
    tools = AppDependencies(
        store=lambda _: frozenset(), secrets=secrets_of(settings), clock=context.clock
    )
    assert context.clients.app is not None
    tokens = InstallationTokens(context.clients.app, 1)
    tokens._value = "ghs_tokenthatnobodyshouldsee"
    made = AppSecrets(
        id=1,
        slug="a",
        private_key=key,
        webhook_secret=SECRETS["webhook_secret"],
        client_secret=SECRETS["oauth_client_secret"],
    )
    built = (
        context,
        context.clients,
        context.clients.app,
        tokens,
        desk,
        desk.sign_in,
        desk.sessions,
        tools,
        made,
    )
    context.store.engine.dispose()
    shown = {type(one).__name__: f"{one!r} {one}" for one in built}
    body = key.splitlines()[1]
    assert [
        name for name, text in shown.items() if "thatnobodyshouldsee" in text or body in text
    ] == []


def test_a_key_that_github_refuses_is_told_without_it(tmp_path: Path) -> None:
    """Neither the message nor the traceback holds the key."""
    key = new_key()
    write_world(generate(items=5, seed=4), tmp_path / "world.jsonl")
    with running_sandbox("--world", str(tmp_path / "world.jsonl")) as sandbox:
        app = GitHubApp(sandbox.url, 1, key)
        try:
            asyncio.run(app.installations())
        except GitHubError:
            told = traceback.format_exc()
    assert "AuthenticationError" in told
    assert key.splitlines()[1] not in told
