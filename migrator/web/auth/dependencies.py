"""What every page works with, and who sits before it: the person, the role, and the proof that a
form is ours."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from fastapi import Request

from migrator.domain.planning.plan import PlanKind
from migrator.errors import AuthenticationError
from migrator.execution.context import Context
from migrator.services.audited_actions import AuditedActions, Principal
from migrator.services.roles import Role, RoleLookup
from migrator.services.sign_in import SignIn
from migrator.services.tour import TourNotes
from migrator.store.plans import StoredPlan
from migrator.web.admission import SAFE
from migrator.web.auth.one_time_links import OneTimeLinks
from migrator.web.auth.sessions import Session, Sessions
from migrator.web.ended_sessions import EndedSessions

COOKIE: Final = "migrator"
SAFE_COOKIE: Final = "__Host-migrator"
"""Over https: browsers take this name only with Secure, no Domain, and Path=/
(https://developer.mozilla.org/docs/Web/HTTP/Headers/Set-Cookie)."""
FORM_TOKEN: Final = "token"  # noqa: S105 - a field's name
HEADER_TOKEN: Final = "x-form-token"  # noqa: S105 - a header's name
FOREIGN: Final = "The form is not from this session. Open the page again and repeat."


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
    ended: EndedSessions
    rights: RoleLookup
    account: str = ""
    links: OneTimeLinks | None = None
    sign_in: SignIn | None = None
    https: bool = False
    stopping: Callable[[], bool] = field(default=lambda: False)
    tour: TourNotes | None = None
    """Where this is a rehearsal that has one."""

    @property
    def cookie(self) -> str:
        """Name of the session's cookie."""
        return SAFE_COOKIE if self.https else COOKIE

    @property
    def private(self) -> Role:
        """The least role that may see unapproved plans, people and the audit log."""
        return Role.SEE if self.context.settings.dashboard_readers == "everybody" else Role.REVIEW

    def check_published(self, person: User, plan_hash: str) -> None:
        """Raise :class:`NotAllowed` for a plan that nobody has approved, unless the person may
        see those."""
        if person.role < self.private and self.context.store.plans.approval(plan_hash) is None:
            raise NotAllowed(
                f"{person.login} {person.role.word}; a plan that is not approved needs somebody "
                f"who {self.private.word}."
            )

    def newest_plan(self, person: User) -> StoredPlan | None:
        """The newest migrating plan that a person may see. Where there is none, the newest one, so
        that they are told what they lack."""
        plans = self.context.store.plans.newest(50, kinds=(PlanKind.MIGRATE,))
        if person.role >= self.private:
            return next(iter(plans), None)
        approved = (one for one in plans if self.context.store.plans.approval(one.hash))
        return next(approved, next(iter(plans), None))

    def session_of(self, request: Request) -> tuple[Session, bool] | None:
        """The request's session, and whether its cookie should be renewed; ``None`` without one
        that goes on."""
        cookie = request.cookies.get(self.cookie)
        found = self.sessions.read(cookie) if cookie else None
        return None if found is None or self.ended.has_ended(found[0]) else found

    def require_role(self, least: Role) -> Seat:
        """A dependency that lets in whoever has that role at least."""
        return Seat(self, least)

    async def role_of(self, session: Session, *, fresh: bool) -> Role:
        """The role of a session's owner. Whoever came by the link has the machine, its database
        and its token anyway; anybody else's own token tells.

        Raises :class:`NotSignedIn` once GitHub does not take that token any more.
        """
        if session.door == "link":
            return Role.STEER if self.links is not None else Role.NOBODY
        token = self.sessions.token_of(session)
        if not token:
            raise NotSignedIn
        try:
            return await asyncio.to_thread(
                lambda: asyncio.run(
                    self.rights.role_of(token, account=session.account, fresh=fresh)
                )
            )
        except AuthenticationError as error:
            raise NotSignedIn from error


@dataclass(frozen=True, eq=False)
class Seat:
    """Lets in whoever has the role at least, in two steps: by the headers, and by the form's token
    once the body is read.

    Anything but reading asks GitHub afresh for the role, and wants the session's token in the form
    or in the ``X-Form-Token`` header. Raises :class:`NotSignedIn` and :class:`NotAllowed`.
    """

    dashboard: Dashboard
    least: Role

    async def before_body(self, request: Request) -> None:
        """Session, site and role; nothing of the body is read."""
        if self.dashboard.session_of(request) is None:
            raise NotSignedIn
        await asyncio.to_thread(self.dashboard.ended.refresh)
        found = self.dashboard.session_of(request)
        if found is None:
            raise NotSignedIn
        session, writes = found[0], request.method not in SAFE
        token = request.headers.get(HEADER_TOKEN)
        if writes and request.headers.get("sec-fetch-site", "same-origin") not in (
            "same-origin",
            "none",
        ):
            raise NotAllowed(FOREIGN)
        if (
            writes
            and token is not None
            and not self.dashboard.sessions.is_form_token(session, token)
        ):
            raise NotAllowed(FOREIGN)
        role = await self.dashboard.role_of(session, fresh=writes)
        if role < self.least:
            raise NotAllowed(
                f"{session.login} {role.word}; this needs somebody who {self.least.word}."
            )
        person = User(
            login=session.login,
            auth_method=session.door,
            role=role,
            token=self.dashboard.sessions.form_token(session),
        )
        request.state.person, request.state.session = person, session

    async def __call__(self, request: Request) -> User:
        """The person, after the form's token was checked."""
        person = getattr(request.state, "person", None)
        if not isinstance(person, User):
            await self.before_body(request)
            person = request.state.person
        if request.method not in SAFE and HEADER_TOKEN not in request.headers:
            given = str((await request.form()).get(FORM_TOKEN, ""))
            if not self.dashboard.sessions.is_form_token(request.state.session, given):
                raise NotAllowed(FOREIGN)
        return person
