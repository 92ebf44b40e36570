"""`python -m guerdon.recommendations.learning`: a plan on standard input, lines of JSON out.

A process of its own, so that memory goes back when it ends and nobody else loads the libraries.
"""

import sys
from pathlib import Path

import msgspec

from guerdon.plumbing.process import die_with_parent
from guerdon.recommendations.learning.plan import Plan, Progress


def main() -> None:
    """Train as told; the last line of the output is the outcome."""
    die_with_parent()
    from guerdon.recommendations.learning.events import RAW_EVENTS, take_in
    from guerdon.recommendations.learning.train import Training

    plan = msgspec.json.decode(sys.stdin.buffer.read(), type=Plan)

    def say(what: msgspec.Struct) -> None:
        sys.stdout.buffer.write(msgspec.json.encode(what) + b"\n")
        sys.stdout.buffer.flush()

    folder = Path(plan.folder)
    if (folder / RAW_EVENTS).exists():
        say(Progress("take_in"))
        take_in(folder, plan.knobs)
    if plan.engine == "spark":
        from guerdon.recommendations.learning.spark import cluster

        with cluster(folder, plan.knobs) as factorise:
            outcome = Training(plan, say, factorise).run()
        say(outcome)
    else:
        say(Training(plan, say).run())


if __name__ == "__main__":
    main()
