"""A GitHub that runs on your machine. Imports nothing else of this project, so it cannot share our
mistakes.

    python -m migrator.sandbox --port 4010 --world FILE.jsonl

``entities`` are what it is made of and what a world file holds; ``world`` is all of them, ``acts``
the only ways to change them. ``graphql`` and ``rest`` are GitHub's two surfaces over the same acts,
``webhooks`` tells of them. ``limits`` and ``faults`` stand between. ``control`` is the sandbox's
own surface (``/_sandbox/``): people act there, clocks move, and tests read what really happened.
``worlds`` makes worlds to begin with.

Time: content gets its dates from the world's clock; what clients hold against their own clock
(tokens, JSON web tokens, limits, the ``Date`` header) runs on real time.
"""
