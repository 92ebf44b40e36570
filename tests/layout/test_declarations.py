"""What must be declared is declared: who may call a route, who handles a message, who reads a
parameter. Enumerated from the running code, so that a new one is covered by existing."""

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import msgspec
from litestar import Litestar, get
from litestar.routes import HTTPRoute

import guerdon
from guerdon.app import Application
from guerdon.identity.policy import Kind, Policy, public
from guerdon.parameters.sections import ProgrammeParameters, Section
from guerdon.plumbing.outbox import Message, messages
from guerdon.programme import SECTIONS
from guerdon.programme.unbuilt import UNBUILT
from guerdon.wire.openapi import Ask, Write
from guerdon_workers.actors import all_handlers

ROOT = Path(__file__).parents[2]


def import_everything() -> None:
    """Every module of the product, so that nothing hides by not being imported."""
    for module in pkgutil.walk_packages(guerdon.__path__, "guerdon."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)


def undeclared(app: Litestar) -> Iterator[str]:
    """Routes without a policy. OPTIONS answers with the methods only."""
    for route in app.routes:
        if not isinstance(route, HTTPRoute):
            if "policy" not in route.route_handler.opt:  # type: ignore[attr-defined]
                yield route.path
            continue
        for handler in route.route_handlers:
            is_options = handler.http_methods == {"OPTIONS"}
            if not is_options and not isinstance(handler.opt.get("policy"), Policy):
                yield f"{sorted(handler.http_methods)} {route.path}"


def operations(app: Litestar) -> Iterator[tuple[str, str, Any]]:
    """Method, path and handler of every operation of the API."""
    for route in app.routes:
        if isinstance(route, HTTPRoute) and route.path.startswith("/api/v1"):
            for handler in route.route_handlers:
                for method in handler.http_methods - {"OPTIONS"}:
                    yield str(method), route.path, handler


def test_every_route_declares_who_may_call(application: Application) -> None:
    assert list(undeclared(application.litestar)) == []


def test_a_route_without_a_policy_is_seen() -> None:
    @get("/open", sync_to_thread=False)
    def forgotten() -> str:
        return ""

    @get("/closed", opt={"policy": public()}, sync_to_thread=False)
    def declared() -> str:
        return ""

    assert list(undeclared(Litestar([forgotten, declared], openapi_config=None))) == [
        "['GET'] /open"
    ]


def test_every_operation_is_named_and_closed(application: Application) -> None:
    """Each has an operation id of its own; only the description itself is public."""
    seen: dict[str, str] = {}
    for method, path, handler in operations(application.litestar):
        if path.endswith("/openapi.json"):
            continue
        assert isinstance(handler.operation_id, str), f"{method} {path} has no operation_id"
        assert handler.operation_id not in seen, handler.operation_id
        seen[handler.operation_id] = path
        assert handler.opt["policy"].kind in (Kind.API_KEY, Kind.MEMBER_TOKEN), path
        assert handler.fn.__doc__, f"{handler.operation_id} says nothing of itself"
    assert len(seen) >= 9


def test_every_write_asks_for_a_key(application: Application) -> None:
    for method, path, handler in operations(application.litestar):
        is_write = issubclass(handler.operation_class, Write)
        only_asks = method == "POST" and issubclass(handler.operation_class, Ask)
        assert is_write == (method != "GET" and not only_asks), f"{method} {path}"
        assert not only_asks or "answer(" in inspect.getsource(handler.fn), f"{path} may write"


def unhandled(kinds: Iterable[type[Message]], topics: Iterable[str]) -> list[str]:
    """Messages that nobody would ever act on."""
    known = set(topics)
    return sorted(kind.__qualname__ for kind in kinds if kind.topic not in known)


def test_every_message_has_an_actor() -> None:
    import_everything()
    product = [m for m in messages().values() if m.__module__.startswith("guerdon")]
    assert len(product) >= 3
    assert unhandled(product, all_handlers().topics) == []


def test_a_message_without_an_actor_is_seen() -> None:
    class Orphan(msgspec.Struct):
        topic: ClassVar[str] = "layout.orphan"

    assert unhandled([Orphan], all_handlers().topics) == [Orphan.__qualname__]  # type: ignore[list-item]


def settings_of(kind: type[msgspec.Struct]) -> Iterator[tuple[str, str]]:
    """Every field of a section and of the Structs inside it, with the Struct that declares it."""
    seen: set[type] = set()
    queue: list[Any] = [kind]
    while queue:
        one = queue.pop()
        if isinstance(one, type) and issubclass(one, msgspec.Struct):
            if one in seen:
                continue
            seen.add(one)
            for field in msgspec.structs.fields(one):
                yield one.__name__, field.name
                queue.append(field.type)
        else:
            queue.extend(getattr(one, "__args__", ()))
            queue.extend([one.__origin__] if hasattr(one, "__origin__") else [])


def names_read(paths: Iterable[Path]) -> set[str]:
    """Every attribute name that code reads, and every name after a dot in a template."""
    names: set[str] = set()
    for path in paths:
        text = path.read_text()
        if path.suffix == ".py":
            names |= {n.attr for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Attribute)}
        else:
            names |= set(re.findall(r"\.([a-z_]+)", text))
    return names


def test_no_parameter_is_dead() -> None:
    import_everything()
    code = [
        *(ROOT / "platform" / "guerdon").rglob("*.py"),
        *(ROOT / "workers").rglob("*.py"),
        *(ROOT / "themes").rglob("*.html"),
    ]
    read = names_read(code)
    dead = [
        f"{section.section}: {owner}.{name}"
        for section in (ProgrammeParameters, *SECTIONS)
        if section.section not in UNBUILT
        for owner, name in settings_of(section)
        if name not in read
    ]
    assert dead == []


def test_only_sections_that_exist_wait_for_their_reader() -> None:
    whole = {name for name in UNBUILT if "." not in name}
    assert whole == {section.section for section in SECTIONS if not section.built}


# What the console draws beside a draft: members see nothing of it. And what takes in what the
# engine will read: nothing is offered there.
DRAWN = {
    "guerdon/admin_api/effects.py",
    "guerdon/brand_api/contexts.py",
    "guerdon/brand_api/card_bases.py",
    "guerdon/cli/_recommendation_models.py",
    "guerdon/cli/recommendations.py",
    "guerdon/local/purchases.py",
}


def test_nothing_reads_a_section_whose_engine_is_not_built() -> None:
    """A stand-in that reads some of it would make the rest look alive."""
    owners = {s.__module__.rpartition(".")[0] for s in SECTIONS if s.section in UNBUILT}
    readers = [
        f"{path.relative_to(ROOT)}: {node.module}"
        for path in (ROOT / "platform" / "guerdon").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom)
        and any(f"{node.module}.".startswith(f"{owner}.") for owner in owners)
        and not ".".join(path.relative_to(ROOT / "platform").parts[:-1]).startswith(
            (*owners, "guerdon.programme")
        )
        and path.relative_to(ROOT / "platform").as_posix() not in DRAWN
    ]
    assert readers == []


def test_a_dead_parameter_is_seen(tmp_path: Path) -> None:
    class Inner(msgspec.Struct):
        used: int = 1
        forgotten: int = 1

    class Planted(Section, frozen=True):
        section: ClassVar[str] = "planted"
        inner: tuple[Inner, ...] = ()

    (tmp_path / "reader.py").write_text("x = p.inner[0].used")
    read = names_read([tmp_path / "reader.py"])
    dead = [name for _, name in settings_of(Planted) if name not in read]
    assert dead == ["forgotten"]
