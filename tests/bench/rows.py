"""Figures against limits of the same run: interleaved pairs, medians, a table, a file."""

import json
import statistics
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Row:
    """One line of bench-results.json. `ratio` is figure ÷ limit, except where less is better."""

    name: str
    figure: float
    unit: str
    limit: float
    ratio: float
    goal: float
    met: bool
    spread: str


def against(
    name: str,
    unit: str,
    goal: float,
    ours: Callable[[int], float],
    limit: Callable[[int], float],
    *,
    pairs: int,
) -> Row:
    """Measure `ours` and `limit` in turn, `pairs` times; the median of the pairs' ratios counts."""
    ours(-1)  # warm: code paths, plans, caches
    limit(-1)
    figures, limits = [], []
    for n in range(pairs):
        # Which of the two goes first changes, so that a drift of the machine favours neither.
        for which in ("ours", "limit") if n % 2 == 0 else ("limit", "ours"):
            if which == "ours":
                figures.append(ours(n))
            else:
                limits.append(limit(n))
    ratios = [a / b for a, b in zip(figures, limits, strict=True)]
    ratio = statistics.median(ratios)
    return Row(
        name=name,
        figure=round(statistics.median(figures), 1),
        unit=unit,
        limit=round(statistics.median(limits), 1),
        ratio=round(ratio, 3),
        goal=goal,
        met=ratio >= goal,
        spread=f"{min(ratios):.2f}–{max(ratios):.2f}",
    )


def at_most(name: str, unit: str, limit: float, samples: Sequence[float]) -> Row:
    """A figure that must not exceed a limit."""
    figure = statistics.median(samples)
    return Row(
        name=name,
        figure=round(figure, 2),
        unit=unit,
        limit=limit,
        ratio=round(figure / limit, 3) if limit else float(figure),
        goal=1.0 if limit else 0.0,
        met=figure <= limit,
        spread=f"{min(samples):.2f}–{max(samples):.2f}",
    )


def show(rows: Sequence[Row], file: Path) -> None:
    """Print the table and write the file."""
    head = ("", "figure", "limit", "unit", "ratio", "goal", "", "spread")
    lines = [head] + [
        (
            r.name,
            f"{r.figure:,.1f}",
            f"{r.limit:,.1f}",
            r.unit,
            f"{r.ratio:.3f}",
            f"{r.goal:.2f}",
            "met" if r.met else "MISSED",
            r.spread,
        )
        for r in rows
    ]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    for line in lines:
        print("  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)).rstrip())
    file.write_text(json.dumps([asdict(r) for r in rows], indent=2, ensure_ascii=False) + "\n")
