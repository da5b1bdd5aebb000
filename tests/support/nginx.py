"""nginx with the configuration of `deploy/`, before an application of this machine."""

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
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.support.deployment import PROXY


def nginx() -> str | None:
    """The program, if it is installed."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


@contextmanager
def proxied_by_nginx(address: str, folder: Path, *, port: int = 0) -> Iterator[httpx.Client]:
    """A client of nginx with our configuration before ``address``; only places and ports are this
    machine's (``port`` 0: a free one). Skips the test where nginx is missing."""
    program = nginx()
    if program is None:
        assert os.environ.get("CI") != "true", "nginx is missing: scripts/install-proxy"
        pytest.skip("nginx is not installed: scripts/install-proxy")
    folder.mkdir(exist_ok=True)
    certificate(folder)
    port = port or free_port()
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
    options = "daemon off;" + " user root;" * (os.geteuid() == 0)
    process = subprocess.Popen([program, "-c", str(configured), "-p", str(folder), "-g", options])
    try:
        trusted = ssl.create_default_context(cafile=str(folder / "tls_certificate"))
        with httpx.Client(base_url=f"https://localhost:{port}", verify=trusted) as client:
            answers(client)
            yield client
    finally:
        process.terminate()
        process.wait(timeout=60)


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


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
