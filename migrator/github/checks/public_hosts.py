"""Is a host out on the internet? What a migration file names must not make us ask the network that
we run in (https://owasp.org/www-community/attacks/Server_Side_Request_Forgery)."""

from __future__ import annotations

import asyncio
import socket
from ipaddress import ip_address
from urllib.parse import urlsplit


async def is_public(url: str) -> bool:
    """Whether all IP addresses of a URL's host are public.

    A host that cannot be resolved here counts as public: a proxy may know it, or nobody answers.
    Where the name means something else a moment later (DNS rebinding), this does not notice.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or not host:
        return False
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return True
    return all(is_public_address(str(place[4][0])) for place in found)


def is_public_address(address: str) -> bool:
    """Whether an IP address is globally reachable; loopback, private, link-local, multicast and
    reserved ones are not, neither as IPv4 nor within IPv6."""
    ip = ip_address(address.partition("%")[0])
    inner = getattr(ip, "ipv4_mapped", None) or getattr(ip, "sixtofour", None)
    return ip.is_global and not ip.is_multicast and (inner is None or inner.is_global)
