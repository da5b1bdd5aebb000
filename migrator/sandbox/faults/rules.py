"""Rules: which request is answered otherwise than it would be, and how. One mechanism for
everything that GitHub was seen to do.

A rule fits a request by operation or path, may strike only the n-th time, and only where certain
items are concerned; then it sets status, headers or body, or patches the reply. What was seen where
stands in ``catalogue.toml``, with its source.

    POST /_sandbox/rules  [{"use": "null_node", "items": [2]}, {"operation": "Scan*", "nth": [1],
    "status": 502}] GET  /_sandbox/rules  the rules in force with how often each struck, and the
    catalogue

Each POST replaces the rules before it; ``[]`` ends them. Keys beside ``use`` replace those of the
catalogue.
"""

from __future__ import annotations

import tomllib
import zlib
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec

from migrator.sandbox.call import Call
from migrator.sandbox.errors import SandboxError
from migrator.sandbox.faults.places import Place, item_places, page_places, places
from migrator.sandbox.faults.targets import targets
from migrator.sandbox.http_messages import ApiReply, ApiRequest
from migrator.sandbox.rights import Agent
from migrator.sandbox.work import Work
from migrator.sandbox.world import World


class ReplyPatch(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One change of a GraphQL reply.

    ``at`` is a way down from ``data``, ``page`` (the list of items in it) or ``item`` (each item
    that the rule is about): names and indices between dots, ``*`` for each, ``5+`` for all from the
    sixth on. ``to`` is what stands there afterwards, ``behind`` is put behind the text there,
    ``drop`` takes it out of its list, ``error`` is put among the errors with the place's path.
    """

    at: str
    to: Any = None
    behind: str = ""
    keep: bool = False
    drop: bool = False
    error: dict[str, Any] | None = None


class ReplyRule(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One rule. All that is given must fit; what is left out fits always.

    ``operation`` and ``path`` are patterns with ``*``; ``asks`` is a text that the request's body
    holds; ``nth`` counts the requests that fit, from
    1; ``items`` are numbers or ``owner/name#number``, ``share`` is a part of all items, drawn by
    ``seed``; ``above`` gives, by variable, the number (or the length of the list) that must be
    exceeded. ``done`` says whether the request's work is done nevertheless.
    """

    use: str = ""
    says: str = ""
    source: str = ""
    operation: str = ""
    path: str = ""
    asks: str = ""
    method: str = ""
    by: list[str] = []
    nth: list[int] = []
    items: list[int | str] = []
    share: float = 0.0
    seed: int = 0
    above: dict[str, int] = {}
    done: bool = True
    status: int = 0
    headers: dict[str, str] = {}
    body: Any = None
    patch: list[ReplyPatch] = []

    @property
    def picks(self) -> bool:
        """Whether it is about certain items only."""
        return bool(self.items or self.share)

    def concerns(self, key: str) -> bool:
        """Whether it is about the item ``owner/name#number``."""
        if self.share:
            return zlib.crc32(f"{self.seed} {key}".encode()) < self.share * 2**32
        return key in self.items or int(key.rpartition("#")[2]) in self.items


@cache
def catalogue() -> Mapping[str, ReplyRule]:
    """Return the rules that have a name, each with the source of what it shows."""
    text = (files("migrator.sandbox.faults") / "catalogue.toml").read_text("utf-8")
    return {
        name: msgspec.convert(given, type=ReplyRule) for name, given in tomllib.loads(text).items()
    }


def parse_reply_rules(given: Any) -> list[ReplyRule]:
    """Return the rules of a list of objects.

    Raises:
        SandboxError: one names a rule that there is not.
        msgspec.ValidationError: one has a key or a value that means nothing.
    """
    return [_rule(one) for one in given]


def _rule(given: dict[str, Any]) -> ReplyRule:
    name = given.get("use", "")
    if name and name not in catalogue():
        raise SandboxError(f"no rule called {name!r}; there are {sorted(catalogue())}")
    known = msgspec.to_builtins(catalogue()[name]) if name else {}
    return msgspec.convert({**known, **given}, type=ReplyRule)


class ReplyRules:
    """The rules in force, and how often each struck."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.rules: list[ReplyRule] = []
        self.met: list[int] = []
        self.struck: list[int] = []

    def set(self, rules: list[ReplyRule]) -> None:
        """Put rules in force instead of all others."""
        self.rules, self.met, self.struck = rules, [0] * len(rules), [0] * len(rules)

    def shown(self) -> list[dict[str, Any]]:
        """Return the rules in force, with ``struck``."""
        counted = zip(self.rules, self.struck, strict=True)
        return [{**msgspec.to_builtins(rule), "struck": struck} for rule, struck in counted]

    def fitting(self, work: Work, agent: Agent, ask: ApiRequest) -> list[int]:
        """Return the places of the rules that this request meets, so far as can be said before
        it is answered."""
        found = [index for index, rule in enumerate(self.rules) if _fits(rule, work, agent, ask)]
        for index in found:
            if not self.rules[index].picks:
                self.met[index] += 1
        return [index for index in found if self.rules[index].picks or self._is_due(index)]

    def _is_due(self, index: int) -> bool:
        return not self.rules[index].nth or self.met[index] in self.rules[index].nth

    def instead(self, fitting: list[int], work: Work, call: Call) -> ApiReply | None:
        """Return the reply that comes instead of doing the work, if a rule says so."""
        for index in fitting:
            rule = self.rules[index]
            named = [item.key for item in targets(self._world, work, call)]
            if not rule.done and self._strikes(index, named):
                return _replaced(rule, ApiReply())
        return None

    def after(self, fitting: list[int], work: Work, call: Call, reply: ApiReply) -> ApiReply:
        """Return the reply as the rules leave it."""
        for index in fitting:
            rule = self.rules[index]
            if not rule.done or not self._strikes(
                index, [*call.seen, *(one.key for one in targets(self._world, work, call))]
            ):
                continue
            for patch in rule.patch:
                _apply(patch, self._places(rule, patch, work, reply.body), reply.body)
            if rule.status or rule.headers or rule.body is not None:
                reply = _replaced(rule, reply)
        return reply

    def _strikes(self, index: int, keys: list[str]) -> bool:
        """Whether a fitting rule strikes a request that is about these items; counted."""
        rule = self.rules[index]
        if rule.picks:
            if not any(map(rule.concerns, keys)):
                return False
            self.met[index] += 1
            if not self._is_due(index):
                return False
        self.struck[index] += 1
        return True

    def _places(self, rule: ReplyRule, patch: ReplyPatch, work: Work, body: Any) -> Iterator[Place]:
        start, *way = patch.at.split(".")
        found: list[Place] = []
        if isinstance(body, dict) and isinstance(body.get("data"), dict):
            if start == "item":
                found = [
                    place
                    for place, key in item_places(self._world, work, body)
                    if not rule.picks or rule.concerns(key)
                ]
            elif start == "page":
                found = page_places(body)
            elif start == "data":
                found = [Place(body, "data", ())]
        return (last for place in found for last in places(place, way))


def _fits(rule: ReplyRule, work: Work, agent: Agent, ask: ApiRequest) -> bool:
    if rule.operation and not (work.is_graphql and fnmatchcase(work.operation, rule.operation)):
        return False
    if rule.path and (work.is_graphql or not fnmatchcase(ask.path, rule.path)):
        return False
    if rule.asks and rule.asks.encode() not in ask.body:
        return False
    if (rule.method and rule.method != ask.method) or (rule.by and agent.login not in rule.by):
        return False
    given = work.given if isinstance(work.given, dict) else {}
    return all(_amount(given.get(name)) > least for name, least in rule.above.items())


def _amount(value: Any) -> int:
    return len(value) if isinstance(value, list) else int(value or 0)


def _replaced(rule: ReplyRule, reply: ApiReply) -> ApiReply:
    """Return the reply with the rule's status, headers and body; a body of text is sent as it
    is."""
    body = reply.body if rule.body is None else rule.body
    kind = {"content-type": "text/html; charset=utf-8"} if isinstance(body, str) else {}
    return ApiReply(
        status=rule.status or reply.status,
        body=body.encode() if isinstance(body, str) else body,
        headers={**reply.headers, **kind, **rule.headers},
    )


def _apply(patch: ReplyPatch, found: Iterator[Place], body: Any) -> None:
    """Change the reply at each place; what is dropped goes last, so that indices hold until
    then."""
    struck = list(found)
    for place in struck:
        if patch.error is not None:
            body.setdefault("errors", []).append({**patch.error, "path": list(place.path)})
        if not patch.drop and not patch.keep:
            before = place.holder[place.key]
            place.holder[place.key] = f"{before}{patch.behind}" if patch.behind else patch.to
    if patch.drop:
        for place in reversed(struck):
            del place.holder[place.key]
