"""The description of a JSON face, made once from its handlers (OpenAPI 3.1)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import msgspec
from litestar import Litestar, Request, Router
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import Components, Contact, SecurityScheme, Tag
from litestar.routes import HTTPRoute
from litestar.types import ControllerRouterHandler

from guerdon.identity.policy import Kind, Policy
from guerdon.wire.problems import Problem


@dataclass(frozen=True)
class Face:
    """What a face's description says of itself. `schemes` by the kind of policy that they serve."""

    title: str
    version: str
    description: str
    contact: str
    path: str
    tags: Mapping[str, str]
    request_class: type[Request[Any, Any, Any]]
    schemes: Mapping[str, SecurityScheme] = field(default_factory=dict)
    scheme_of: Mapping[Kind, str] = field(default_factory=dict)


def describe(
    handlers: Sequence[ControllerRouterHandler],
    face: Face,
    *,
    beside: Mapping[str, Sequence[ControllerRouterHandler]] = MappingProxyType({}),
) -> dict[str, Any]:
    """The description of `handlers`, and of those `beside` them at other paths, as plain data."""
    app = Litestar(
        [
            Router(path=path, route_handlers=each, request_class=face.request_class)
            for path, each in {face.path: handlers, **beside}.items()
        ],
        openapi_config=OpenAPIConfig(
            title=face.title,
            version=face.version,
            description=face.description.strip(),
            contact=Contact(name=face.contact),
            tags=[Tag(name=name, description=text) for name, text in face.tags.items()],
            components=Components(security_schemes=dict(face.schemes)),
            use_handler_docstrings=True,
            create_examples=False,
        ),
    )
    described = app.openapi_schema.to_schema()
    _, problem = msgspec.json.schema_components(
        [Problem], ref_template="#/components/schemas/{name}"
    )
    described["components"].setdefault("schemas", {}).update(problem)
    _add_security(app, described, face)
    return described


def _add_security(app: Litestar, described: dict[str, Any], face: Face) -> None:
    """Name the scheme and the scope that each operation's policy asks for."""
    for route in app.routes:
        if not isinstance(route, HTTPRoute):
            continue
        for handler in route.route_handlers:
            policy = handler.opt.get("policy")
            if not isinstance(policy, Policy) or policy.scope is None:
                continue
            scheme = face.scheme_of.get(policy.kind)
            if scheme is None:
                continue
            scopes = [policy.scope] if policy.kind is Kind.MEMBER_TOKEN else []
            for method in handler.http_methods - {"OPTIONS"}:
                operation = described["paths"][route.path_format][method.lower()]
                operation["security"] = [{scheme: scopes}]
                operation["x-scope"] = policy.scope
