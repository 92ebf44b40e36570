"""What the person at the terminal sees of a local run."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
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
        out.append(_line("your own brand", f"{description['base_url']}   sign up, in ten minutes"))
        for tenant in description["tenants"]:
            out.append(_line(tenant["name"], tenant["url"]))
            for member in tenant["members"]:
                out.append(_line("", f"  {member['email']}   {member['password']}"))
            out.append(_line("", f"  API key {tenant['api_key']}"))
            out += _console(tenant, description["console_url"], home)
        out += _platform(description["platform"], home)
        sandbox = description["sandbox"]
        out += [
            "",
            _line("mail and SMS", sandbox["mailbox_url"]),
            _line("supplier", sandbox["supplier_url"]),
            _line("payments", sandbox["payments_url"]),
            _line("Amazon Pay", sandbox["amazon_pay_url"]),
            _line("API reference", description["docs_url"]),
            _line("data and logs", str(home.path)),
            "",
            "  A member's code arrives in the mailbox. Console and corporate sign-in follow:",
            "  a line below tells when each is ready. Ctrl-C stops everything.\n",
        ]
        print("\n".join(out), flush=True)


def _line(name: str, text: str) -> str:
    return f"  {name:<16} {text}"


def _console(tenant: dict[str, Any], console_url: str, home: Home) -> list[str]:
    """The brand's console: by which accounts, and how each of them gets in."""
    out = [_line("", f"{console_url}/{tenant['slug']}   the console")]
    if tenant["corporate"]:
        out.append(_line("", "  with a corporate account, by the first button:"))
    for one in tenant["corporate"]:
        roles = ", ".join(one.get("roles", ()))
        out.append(_line("", f"    {one['user']}   {one['password']}   ({roles})"))
    if tenant["staff"]:
        command = f"{_guerdon(home)} staff code {tenant['slug']} E-MAIL"
        out.append(_line("", f"  with a password and the code that `{command}` prints:"))
    for one in tenant["staff"]:
        roles = ", ".join(one.get("roles", ()))
        out.append(_line("", f"    {one['email']}   {one['password']}   ({roles})"))
    return out


def _platform(platform: dict[str, Any], home: Home) -> list[str]:
    """The console of the platform's own staff, and how they get in."""
    command = f"{_guerdon(home)} staff code {platform['slug']} E-MAIL"
    out = [_line("platform staff", f"{platform['url']}   with the code of `{command}`:")]
    for one in platform["staff"]:
        roles = ", ".join(one["roles"])
        out.append(_line("", f"  {one['email']}   {one['password']}   ({roles})"))
    return out


def _guerdon(home: Home) -> str:
    """The command as it is typed in this folder, for this home."""
    command = Path(sys.executable).parent / "guerdon"
    here = Path.cwd()
    typed = command.relative_to(here) if command.is_relative_to(here) else command
    return str(typed) if home.path == here / ".guerdon" else f"GUERDON_HOME={home.path} {typed}"
