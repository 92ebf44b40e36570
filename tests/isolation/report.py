"""The isolation report: what was tried between two brands, thing by thing, and what crossed.

`make test` writes `isolation-report.json` and, from it, `isolation-report.html`. There is no time
and nothing random in it: the same sources give the same bytes, so that two releases compare.

`python -m tests.isolation.report`: complete it, and draw the page; status 1 if anything crossed or
is missing. `python -m tests.isolation.report OLD NEW`: say what differs.
"""

import fcntl
import json
import sys
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Any

FORMAT = "guerdon-isolation/1"
FILE = Path(__file__).parents[2] / "isolation-report.json"
# What is looked at, and what it means that something in it crosses.
AREAS = {
    "tables": "statements of one brand's session at another's rows: read, changed, removed, moved",
    "routes": "calls of the site, the API and its apps that name another brand's ids",
    "console": "calls of the console that name another brand's ids",
    "jobs": "work of one brand that names another's ids",
    "templates": "pages rendered for one brand that show anything of another",
    "keys": "short-lived keys of one brand that hold anything of another, or name nobody",
    "caches": "memory of a process that is kept for one brand and holds anything of another",
    "files": "files of one brand that another can reach",
    "removal": "tables in which anything of a brand was left after its removal",
    "experiments": "what is no single thing: hostile statements, poisoned connections, no brand",
}


class Report:
    """What was tried and what crossed, by area and thing; several processes add to one file."""

    def __init__(self, path: Path = FILE) -> None:
        self._path = path

    def add(self, name: str, *, crossed: int, **figures: Any) -> None:
        """Keep the figures of one experiment."""
        self.cover("experiments", {name: {"crossed": crossed, **figures}})

    def cover(self, area: str, things: Mapping[str, Mapping[str, Any]]) -> None:
        """Keep what was found of each thing of an area; each says how much `crossed`."""
        assert area in AREAS
        assert all("crossed" in found for found in things.values())
        with self._path.open("a+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            try:
                told = json.loads(file.read())
            except ValueError:
                told = {"format": FORMAT, "areas": {}}
            told["areas"].setdefault(area, {}).update(things)
            file.truncate(0)
            file.write(json.dumps(told, indent=1, sort_keys=True, ensure_ascii=False) + "\n")


def wrong(told: Mapping[str, Any]) -> Iterator[str]:
    """What crossed, and what nobody looked at."""
    for area in AREAS:
        things = told["areas"].get(area, {})
        if not things:
            yield f"{area}: nothing was looked at"
        for name, found in things.items():
            if found["crossed"]:
                yield f"{area}: {name}: {found['crossed']} crossed"


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """What one report says and the other does not, a line for each thing."""
    for area in sorted({*old["areas"], *new["areas"]}):
        before, after = old["areas"].get(area, {}), new["areas"].get(area, {})
        for name in sorted({*before, *after}):
            if name not in before:
                yield f"+ {area}: {name}: {_said(after[name])}"
            elif name not in after:
                yield f"- {area}: {name}"
            elif before[name] != after[name]:
                yield f"~ {area}: {name}: {_said(before[name])} → {_said(after[name])}"


def page(told: Mapping[str, Any]) -> str:
    """The report as a page that needs nothing else."""
    parts = [
        "<!doctype html><html lang=en><meta charset=utf-8><title>Isolation report</title>"
        "<meta name=viewport content='width=device-width'><style>"
        "body{font:16px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem}"
        "table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.25rem .75rem;"
        "border-bottom:1px solid #d0d4da;vertical-align:top}.n{text-align:right}"
        "summary{cursor:pointer;font-weight:600;padding:.5rem 0}.bad{color:#a4001d}"
        "@media(prefers-color-scheme:dark){body{background:#14171b;color:#e6e8eb}"
        "td,th{border-color:#3a4048}.bad{color:#ff8a9b}}</style><h1>Isolation report</h1>"
        "<p>Two brands with one of everything; what one tried to reach of the other.</p>"
    ]
    broken = list(wrong(told))
    verdict = "Nothing crossed." if not broken else f"{len(broken)} findings."
    parts.append(f"<p class='{'bad' if broken else ''}'><strong>{verdict}</strong></p>")
    parts += [f"<p class=bad>{escape(line)}</p>" for line in broken]
    for area, meaning in AREAS.items():
        things = told["areas"].get(area, {})
        parts.append(
            f"<details><summary>{area}: {len(things)}</summary><p>{escape(meaning)}</p><table>"
            "<tr><th>what<th>found<th class=n>crossed"
        )
        for name, found in sorted(things.items()):
            rest = {key: value for key, value in found.items() if key != "crossed"}
            parts.append(
                f"<tr><td>{escape(name)}<td>{escape(_said(rest))}<td class=n>{found['crossed']}"
            )
        parts.append("</table></details>")
    return "".join(parts) + "\n"


def _said(found: Mapping[str, Any]) -> str:
    return ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in sorted(found.items()))


def main(arguments: list[str]) -> int:
    """See the module."""
    if len(arguments) == 2:
        old, new = (json.loads(Path(name).read_text()) for name in arguments)
        lines = list(differences(old, new))
        print("\n".join(lines) if lines else "the same")
        return 0
    told = json.loads(FILE.read_text())
    FILE.with_suffix(".html").write_text(page(told))
    found = list(wrong(told))
    print("\n".join(found) or f"isolation: nothing crossed; {FILE.name} and .html say what of")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
