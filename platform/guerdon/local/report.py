"""What the person at the terminal sees of a local run."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from guerdon.local.home import Home


class Report:
    """Steps with their times, then one table."""

    def __init__(self) -> None:
        self._started = time.monotonic()

    def note(self, text: str) -> None:
        """One line."""
        print(f"· {text}", flush=True)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Say what is being done, and how long it took."""
        started = time.monotonic()
        live = sys.stdout.isatty()
        if live:
            print(f"· {name} …", end="\r", flush=True)
        yield
        print(f"· {name:<22}{time.monotonic() - started:6.1f} s", flush=True)

    def ready(self, description: dict[str, Any], home: Home) -> None:
        """What is where, and who can sign in."""
        out = [f"\nGuerdon is ready after {time.monotonic() - self._started:.1f} s\n"]
        for tenant in description["tenants"]:
            out.append(f"  {tenant['name']:<16} {tenant['url']}")
            for member in tenant["members"]:
                out.append(f"  {'':<16}   {member['email']}   {member['password']}")
            out.append(f"  {'':<16}   API key {tenant['api_key']}")
            out.append(f"  {'':<16} {description['console_url']}/{tenant['slug']}")
            for person in tenant["staff"]:
                out.append(f"  {'':<16}   {person['email']}   {person['password']}")
            for person in tenant["corporate"]:
                out.append(f"  {'':<16}   {person['user']} (corporate)   {person['password']}")
        sandbox = description["sandbox"]
        out += [
            "",
            f"  {'mail and SMS':<16} {sandbox['mailbox_url']}",
            f"  {'supplier':<16} {sandbox['supplier_url']}",
            f"  {'payments':<16} {sandbox['payments_url']}",
            f"  {'Amazon Pay':<16} {sandbox['amazon_pay_url']}",
            f"  {'API reference':<16} {description['docs_url']}",
            f"  {'data and logs':<16} {home.path}",
            "",
            "  Console and corporate sign-in follow; `guerdon staff code BRAND EMAIL` shows a code",
            "  for the console, a member's arrives in the mailbox. Ctrl-C stops everything.\n",
        ]
        print("\n".join(out), flush=True)
