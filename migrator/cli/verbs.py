"""The verbs by name: where each one's code is, and what the overview says of it. Nothing is
imported before it is asked for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb. ``module`` holds ``function`` and ``EXAMPLE``, or an ``app`` of its own for a
    group of verbs."""

    name: str
    says: str
    module: str = ""
    function: str = "command"

    @property
    def place(self) -> str:
        """The module that holds it."""
        return f"migrator.cli.{self.module or self.name}"


CHAPTERS: dict[str, tuple[Verb, ...]] = {
    "The path of a migration, step by step": (
        Verb("check", "check file, credentials, permissions and texts; writes nothing"),
        Verb("scan", "read the items; again: only what changed"),
        Verb("classify", "who owns each item, and is it active? With evidence"),
        Verb("plan", "freeze exactly what would be done, under a hash"),
        Verb("approve", "record who approves that hash"),
        Verb("apply", "execute the plan: durable, paced, in waves"),
    ),
    "Afterwards, and on the way": (
        Verb("probe", "test the assumptions about GitHub on a scratch repository"),
        Verb("verify", "compare GitHub with the ledger, item by item"),
        Verb("undo", "plan to undo an item, a wave or a run"),
        Verb("review", "the items that wait for a maintainer, and the answers"),
        Verb("what-if", "what other rules would change, without asking GitHub", "what_if"),
        Verb("ledger", "every write: intent, attempts, replies, outcome"),
        Verb("recover", "rebuild a lost ledger from our comments on GitHub"),
        Verb("runs", "the runs and where they stand"),
        Verb("pause", "hold a run", "run_control", "pause"),
        Verb(
            "resume",
            "continue a paused or stopped run, or look again at what is in doubt",
            "run_control",
            "resume",
        ),
        Verb("cancel", "end a run for good", "run_control", "cancel"),
        Verb("export", "the scanned items as a file: an archive, and a rehearsal's input"),
        Verb("forget", "remove a person's texts and name from the database"),
    ),
    "As long as people comment": (
        Verb("serve", "serve webhooks, commands and the dashboard"),
        Verb("worker", "execute runs beside `serve --no-worker`"),
        Verb("follow", "the listener's work from a scheduler, without a service"),
    ),
    "On your own machine": (
        Verb("rehearse", "a whole migration against a sandbox; nothing leaves this machine"),
        Verb("sandbox", "serve a sandbox GitHub here, for any client"),
        Verb("evaluate", "measure the ownership verdicts on labelled items"),
        Verb("learn", "topics, weights and bars from labelled items, as a fragment to read"),
        Verb("fit", "fit the ownership weights to labelled items"),
        Verb("port", "rewrite a pull request's patch for the new repository"),
        Verb("docs", "open or print a page of the documentation"),
        Verb("db", "upgrade, back up, restore or move the database"),
    ),
}

VERBS: dict[str, Verb] = {verb.name: verb for verbs in CHAPTERS.values() for verb in verbs}
