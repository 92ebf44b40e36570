"""`guerdon staff`: the people who work for a brand; its first owner and its emergency account.

The platform's own staff are the people of `platform`.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import click

from guerdon.audit import operations as audit
from guerdon.cli._houses import house
from guerdon.cli._runtime import run
from guerdon.identity import (
    passwords,
    staff,
    staff_credentials,
    staff_links,
    staff_people,
    totp,
)
from guerdon.identity.roles import PLATFORM_ROLES, ROLES
from guerdon.identity.staff import Staff
from guerdon.identity.staff_people import Invitation, Invited, Person
from guerdon.kit.errors import InvalidError, NotFoundError
from guerdon.plumbing.db import WriteSession
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant

ACTOR = "cli"
EVERY_ROLE = list(dict.fromkeys([*ROLES, *PLATFORM_ROLES]))
_slug = click.argument("slug")
_email = click.argument("email")


@click.group()
def command() -> None:
    """The people who work for a brand; those of the platform are the people of `platform`."""


@command.command()
@_slug
@_email
@click.option("--name", default="", help="How colleagues see them [default: from the e-mail].")
@click.option(
    "--role", "roles", multiple=True, type=click.Choice(EVERY_ROLE), default=("owner",),
    show_default=True, help="What they may do; once per role.",
)  # fmt: skip
@click.option("--language", type=click.Choice(["en", "pt-BR", "es"]), default="en")
@click.option("--break-glass", is_flag=True, help="Gets in when single sign-on does not.")
@click.option(
    "--demo-password", help="In a demo only: no invitation; this password and a new app key."
)
def add(
    slug: str,
    email: str,
    name: str,
    roles: tuple[str, ...],
    language: str,
    break_glass: bool,
    demo_password: str | None,
) -> None:
    """Invite EMAIL to SLUG's console. Prints the one-time link; it goes by mail, too."""

    async def work(rt: Runtime) -> str:
        tenant, now = await house(rt, slug), rt.clock.now()
        if demo_password is not None:
            _demo_only(rt)
        async with rt.db.write(tenant.id) as s:
            (made,) = await staff_people.invite(
                s,
                people=[Invitation(email, roles, name, language, break_glass)],
                by=None,
                actor=ACTOR,
                now=now,
            )
            await _tell(s, rt, "staff.invited", made.staff_id, email=email, roles=list(roles))
            if demo_password is None:
                return _link(rt, tenant, made)
            return await _settle(rt, s, made, demo_password)

    click.echo(run(work))


@command.command(name="list")
@_slug
def list_(slug: str) -> None:
    """Everybody who works for SLUG, pending invitations included."""

    async def work(rt: Runtime) -> list[Person]:
        tenant = await house(rt, slug)
        async with rt.db.read(tenant.id) as s:
            return await staff_people.listing(s)

    for one in run(work):
        seen = one.last_sign_in_at.strftime("%Y-%m-%d %H:%M") if one.last_sign_in_at else "never"
        mark = "  emergency" if one.break_glass else ""
        click.echo(f"{one.email_norm:40} {one.status:10} {seen:17} {' '.join(one.roles)}{mark}")


@command.command()
@_slug
@_email
@click.argument("role", nargs=-1, required=True, type=click.Choice(EVERY_ROLE))
def roles(slug: str, email: str, role: tuple[str, ...]) -> None:
    """Give EMAIL exactly these roles. Their sessions end."""

    async def work(rt: Runtime, s: WriteSession, who: Staff) -> str:
        before = await staff_people.set_roles(
            rt, s, staff_id=who.id, roles=role, by=None, now=rt.clock.now()
        )
        await _tell(s, rt, "staff.roles", who.id, before=list(before), after=sorted(role))
        return f"{' '.join(before)} -> {' '.join(sorted(role))}"

    click.echo(_on(slug, email, work))


@command.command()
@_slug
@_email
@click.option("--undo", is_flag=True, help="Let them in again.")
def suspend(slug: str, email: str, undo: bool) -> None:
    """Shut EMAIL out at once: sessions end, nothing opens any more."""

    async def work(rt: Runtime, s: WriteSession, who: Staff) -> str:
        if undo:
            await staff_people.restore(s, staff_id=who.id, by=None)
            await _tell(s, rt, "staff.restored", who.id, name=who.name)
            return "active"
        await staff_people.suspend(rt, s, staff_id=who.id, by=None, now=rt.clock.now())
        await _tell(s, rt, "staff.suspended", who.id, name=who.name)
        return "suspended"

    click.echo(_on(slug, email, work))


@command.command()
@_slug
@_email
@click.option("--break-glass/--no-break-glass", default=None, help="Set or take the flag.")
def reset(slug: str, email: str, break_glass: bool | None) -> None:
    """Take every way in from EMAIL and print a new one-time link; or change the emergency flag."""

    async def work(rt: Runtime, s: WriteSession, who: Staff) -> str:
        if break_glass is not None:
            await staff_people.set_break_glass(s, staff_id=who.id, flag=break_glass, by=None)
            await _tell(s, rt, "staff.break_glass", who.id, break_glass=break_glass)
            return "emergency account" if break_glass else "ordinary account"
        made = await staff_people.reset_access(
            rt, s, staff_id=who.id, by=None, actor=ACTOR, now=rt.clock.now()
        )
        await _tell(s, rt, "staff.reset", who.id, name=who.name)
        return _link(rt, await rt.directory.by_id(s.tenant_id), made)

    click.echo(_on(slug, email, work))


@command.command()
@_slug
@_email
def code(slug: str, email: str) -> None:
    """In a demo only: the code that EMAIL's authenticator app shows now."""

    async def work(rt: Runtime) -> str:
        _demo_only(rt)
        tenant = await house(rt, slug)
        async with rt.db.read(tenant.id) as s:
            who = await staff.by_email(s, email)
            key = who and await staff_credentials.totp_key(rt, s, staff_id=who.id)
        if not key:
            raise NotFoundError("Nobody here has this e-mail and an authenticator app.")
        return totp.code(key, now=rt.clock.now())

    click.echo(run(work))


def _on(
    slug: str, email: str, work: Callable[[Runtime, WriteSession, Staff], Awaitable[str]]
) -> str:
    async def inside(rt: Runtime) -> str:
        tenant = await house(rt, slug)
        async with rt.db.write(tenant.id) as s:
            who = await staff.by_email(s, email)
            if who is None:
                raise NotFoundError(f"Nobody at {slug} has the e-mail {email}.", field="email")
            return await work(rt, s, who)

    return run(inside)


async def _settle(rt: Runtime, s: WriteSession, made: Invited, password: str) -> str:
    """A demo's person is there at once, with a password and an authenticator app of their own."""
    if len(password) < passwords.LENGTH_MIN:
        raise InvalidError(f"At least {passwords.LENGTH_MIN} characters.", field="demo-password")
    now, key = rt.clock.now(), totp.new_key()
    await staff_links.end(s, staff_id=made.staff_id, now=now)
    hashed = await passwords.hash_password(password)
    await staff_credentials.store_password(s, staff_id=made.staff_id, hashed=hashed, now=now)
    await staff_credentials.put_totp(rt, s, staff_id=made.staff_id, totp_key=key, now=now)
    await s.execute(
        "UPDATE app.staff SET status = 'active' WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
        {"id": made.staff_id},
    )
    return f"authenticator key: {key}"


def _link(rt: Runtime, tenant: Tenant, made: Invited) -> str:
    return staff_links.address(rt.settings, tenant.id, tenant.slug, made.link_id)


def _demo_only(rt: Runtime) -> None:
    if rt.settings.environment not in {"demo", "test"}:
        raise InvalidError(
            "Only a deployment with GUERDON_ENVIRONMENT=demo does this; invite the person instead.",
            field="environment",
        )


async def _tell(
    s: WriteSession, rt: Runtime, action: str, staff_id: object, **summary: Any
) -> None:
    await audit.record(
        s,
        actor=ACTOR,
        action=action,
        subject=f"staff:{staff_id}",
        summary=summary,
        now=rt.clock.now(),
    )
