"""What every page works with, and who sits before it: the person, the role, and the proof that a
form is ours."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from fastapi import Request

from migrator.execution.context import Context
from migrator.services.audited_actions import AuditedActions, Principal
from migrator.services.roles import Role, RoleLookup
from migrator.services.sign_in import SignIn
from migrator.web.auth.one_time_links import OneTimeLinks
from migrator.web.auth.sessions import Session, Sessions

COOKIE: Final = "migrator"
SAFE_COOKIE: Final = "__Host-migrator"
"""Over https: browsers take this name only with Secure, no Domain, and Path=/
(https://developer.mozilla.org/docs/Web/HTTP/Headers/Set-Cookie)."""
FORM_TOKEN: Final = "token"  # noqa: S105 - a field's name
HEADER_TOKEN: Final = "x-form-token"  # noqa: S105 - a header's name


class NotSignedIn(Exception):
    """There is no session; pages send to the login, the programming interface answers 401."""


class NotAllowed(Exception):
    """The person's role is too small, or the form is not ours. ``says`` is for people."""

    def __init__(self, says: str) -> None:
        super().__init__(says)
        self.says = says


@dataclass(frozen=True)
class User:
    """Who sits at the desk. ``token`` belongs into every form of theirs."""

    login: str
    auth_method: str
    role: Role
    token: str

    @property
    def principal(self) -> Principal:
        """The person as the audit log knows them."""
        return Principal(login=self.login, auth_method=self.auth_method)

    def may(self, least: int) -> bool:
        """Whether their role is at least that (a number of :class:`Role`, so that templates can
        ask)."""
        return self.role >= least


@dataclass(frozen=True)
class Dashboard:
    """One migration's dashboard. ``links`` opens the door on loopback, ``sign_in`` with GitHub;
    at least one should be there."""

    context: Context
    audited: AuditedActions
    sessions: Sessions
    rights: RoleLookup
    account: str = ""
    links: OneTimeLinks | None = None
    sign_in: SignIn | None = None
    https: bool = False
    stopping: Callable[[], bool] = field(default=lambda: False)

    @property
    def cookie(self) -> str:
        """Name of the session's cookie."""
        return SAFE_COOKIE if self.https else COOKIE

    def session_of(self, request: Request) -> tuple[Session, bool] | None:
        """The request's session, and whether its cookie should be renewed."""
        cookie = request.cookies.get(self.cookie)
        return self.sessions.read(cookie) if cookie else None

    def require_role(self, least: Role) -> Callable[[Request], Awaitable[User]]:
        """A dependency that lets in whoever has that role at least.

        Anything but reading asks GitHub afresh for the role, and wants the session's token in the
        form or in the ``X-Form-Token`` header. Raises :class:`NotSignedIn` and :class:`NotAllowed`.
        """

        async def person(request: Request) -> User:
            found = self.session_of(request)
            if found is None:
                raise NotSignedIn
            session = found[0]
            writes = request.method not in ("GET", "HEAD")
            if writes:
                await self._check_form(request, session)
            role = await self._role(session, fresh=writes)
            if role < least:
                raise NotAllowed(
                    f"{session.login} {role.word}; this needs somebody who {least.word}."
                )
            sitting = User(
                login=session.login,
                auth_method=session.door,
                role=role,
                token=self.sessions.form_token(session),
            )
            request.state.person = sitting
            return sitting

        return person

    async def _role(self, session: Session, *, fresh: bool) -> Role:
        """Whoever came by the link has the machine, its database and its token anyway."""
        if session.door == "link":
            return Role.STEER if self.links is not None else Role.NOBODY
        return await asyncio.to_thread(
            lambda: asyncio.run(self.rights.role_of(session.login, fresh=fresh))
        )

    async def _check_form(self, request: Request, session: Session) -> None:
        site = request.headers.get("sec-fetch-site", "same-origin")
        given = request.headers.get(HEADER_TOKEN) or str((await request.form()).get(FORM_TOKEN, ""))
        if site not in ("same-origin", "none") or not self.sessions.is_form_token(session, given):
            raise NotAllowed("The form is not from this session. Open the page again and repeat.")
