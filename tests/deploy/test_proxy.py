"""The reverse proxy of `deploy/`, started before a running application: what it lets through,
and what it keeps away."""

from __future__ import annotations

import datetime
import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from fastapi import FastAPI, Request

from tests.support.deployment import PROXY
from tests.support.webhook_sender import serving


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of nginx with our configuration; only places and ports are this machine's."""
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if nginx is None:
        assert os.environ.get("CI") != "true", "nginx is missing: scripts/install-proxy"
        pytest.skip("nginx is not installed: scripts/install-proxy")
    folder = tmp_path_factory.mktemp("proxy")
    certificate(folder)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with serving(behind()) as address:
        text = re.sub(
            r"/tmp/|/dev/stdout|/run/secrets/",
            lambda place: f"{folder}/{'log' * ('std' in place[0])}",
            PROXY.read_text(),
        )
        text = text.replace("web:8080", address.removeprefix("http://")).replace(
            "listen 8443", f"listen 127.0.0.1:{port}"
        )
        configured = folder / "nginx.conf"
        configured.write_text(text, encoding="utf-8")
        process = subprocess.Popen(
            [
                nginx,
                "-c",
                str(configured),
                "-p",
                str(folder),
                "-g",
                "daemon off;" + " user root;" * (os.geteuid() == 0),
            ]
        )
        try:
            trusted = ssl.create_default_context(cafile=str(folder / "tls_certificate"))
            with httpx.Client(base_url=f"https://localhost:{port}", verify=trusted) as client:
                answers(client)
                yield client
        finally:
            process.terminate()
            process.wait(timeout=20)


def behind() -> FastAPI:
    """An application that tells what reached it."""
    app = FastAPI()

    @app.api_route("/{path:path}", methods=["GET", "POST"])
    async def echo(request: Request) -> dict[str, object]:
        return {
            "path": request.url.path,
            "bytes": len(await request.body()),
            "headers": dict(request.headers),
        }

    return app


def certificate(folder: Path) -> None:
    """A certificate of our own for localhost."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    today = datetime.datetime.now(datetime.UTC)
    built = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    built = built.not_valid_before(today).not_valid_after(today + datetime.timedelta(days=1))
    built = built.add_extension(
        x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False
    )
    (folder / "tls_certificate").write_bytes(
        built.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)
    )
    (folder / "tls_key").write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )


def answers(client: httpx.Client) -> None:
    """Wait until the proxy does."""
    for _ in range(200):
        try:
            client.get("/")
            return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError("the proxy does not answer")


def test_a_large_delivery_gets_through(proxied: httpx.Client) -> None:
    """GitHub sends up to 25 MB; larger ones stop at the proxy."""
    assert proxied.post("/webhooks", content=b"x" * 2_000_000).json()["bytes"] == 2_000_000
    assert proxied.post("/webhooks", content=b"x" * (25 * 1024 * 1024 + 1)).status_code == 413


def test_deliveries_are_posted_and_nothing_else(proxied: httpx.Client) -> None:
    """No other method reaches that route."""
    assert proxied.get("/webhooks").status_code == 403


def test_forms_are_small(proxied: httpx.Client) -> None:
    """Before the application sees them."""
    assert proxied.post("/review/answer", content=b"x" * 60_000).status_code == 200
    assert proxied.post("/review/answer", content=b"x" * 70_000).status_code == 413


@pytest.mark.parametrize(
    "path",
    ["/healthz", "/readyz", "/metrics", "/setup", "/setup/created", "//metrics", "/x/../metrics"],
)
def test_what_is_for_operators_is_not_reached(proxied: httpx.Client, path: str) -> None:
    """However the path is written."""
    assert proxied.get(f"https://localhost:{proxied.base_url.port}{path}").status_code == 404


def test_a_client_cannot_say_where_it_comes_from(proxied: httpx.Client) -> None:
    """The proxy tells the address that it sees, the host that was asked for, and that it was
    https."""
    headers = proxied.get(
        "/plan", headers={"X-Forwarded-For": "10.0.0.1", "X-Forwarded-Proto": "http"}
    ).json()["headers"]
    assert (headers["x-forwarded-for"], headers["x-forwarded-proto"], headers["host"]) == (
        "127.0.0.1",
        "https",
        "localhost",
    )


def test_one_client_cannot_ask_for_ever(proxied: httpx.Client) -> None:
    """After a burst, requests are refused until some time has passed."""
    statuses = {proxied.get("/login").status_code for _ in range(150)}
    assert statuses == {200, 429}
