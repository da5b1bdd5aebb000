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
        Verb("check", "is everything in place? Writes nothing"),
        Verb("scan", "read the items; again: only what changed"),
        Verb("classify", "whose is each, and is it alive? With evidence"),
        Verb("plan", "what would be done, exactly; frozen, with a hash"),
        Verb("approve", "a person says yes to that hash"),
        Verb("apply", "do it: durable, paced, in waves"),
    ),
    "Afterwards, and on the way": (
        Verb("probe", "does GitHub do what we believe? On a scratch repository"),
        Verb("verify", "compare GitHub with the ledger, item by item"),
        Verb("undo", "plan to take back an item, a wave or a run"),
        Verb("review", "the items that wait for a person, and the answers"),
        Verb("what-if", "what other rules would change, without asking GitHub", "what_if"),
        Verb("ledger", "every act: intent, attempts, replies, outcome"),
        Verb("recover", "rebuild a lost ledger from our comments on GitHub"),
        Verb("runs", "the runs and where they stand"),
        Verb("pause", "hold a run", "run_control", "pause"),
        Verb("resume", "let a paused or stopped run go on", "run_control", "resume"),
        Verb("cancel", "end a run for good", "run_control", "cancel"),
        Verb("export", "the scanned items as a file: an archive, and a rehearsal's input"),
        Verb("forget", "remove a person's texts and name from the database"),
    ),
    "As long as people write": (
        Verb("serve", "listen: webhooks, commands, the pages"),
        Verb("worker", "work beside `serve --no-worker`"),
        Verb("follow", "the listener's work from a scheduler, without a service"),
    ),
    "On your own machine": (
        Verb("rehearse", "the whole path against a sandbox: nothing leaves this machine"),
        Verb("sandbox", "serve a GitHub here, for any client"),
        Verb("evaluate", "how good are the ownership verdicts on labelled items?"),
        Verb("fit", "fit the ownership weights to labelled items"),
        Verb("port", "carry a pull request's patch over to the new repository"),
        Verb("db", "bring the database up to date, or say where it stands"),
    ),
}

VERBS: dict[str, Verb] = {verb.name: verb for verbs in CHAPTERS.values() for verb in verbs}
