"""The API's reference as pages: made from its description, plain HTML, no script.

They stand on the deployment's own host, where no brand lives: `/docs/api` and `/docs/errors`.
"""

import base64
import hashlib
import inspect
from collections.abc import Iterator, Sequence
from functools import cache
from html import escape
from typing import Any

from litestar import Response, Router, get
from litestar.types import ControllerRouterHandler

from guerdon.brand_api.document import describe, document
from guerdon.identity.policy import public
from guerdon.kit.errors import GuerdonError

STYLE = """
:root{color-scheme:light dark;--line:color-mix(in oklab,currentColor 18%,transparent)}
body{font:16px/1.55 system-ui,sans-serif;margin:0 auto;max-width:58rem;padding:1.5rem}
h1{font-size:1.9rem;line-height:1.2}h2{margin-top:3rem}
h3{margin:2.2rem 0 .4rem;font-size:1.05rem}
code,pre{font:.9em/1.5 ui-monospace,monospace}pre{overflow:auto;padding:.8rem;
border:1px solid var(--line);border-radius:.5rem}nav ul{columns:3 14rem;padding:0;list-style:none}
table{border-collapse:collapse;width:100%;display:block;overflow-x:auto}
th,td{text-align:left;vertical-align:top;padding:.35rem .8rem .35rem 0;
border-bottom:1px solid var(--line)}
.method{font-weight:700;display:inline-block;min-width:4.2rem}.scope{opacity:.75}
a{color:inherit;text-underline-offset:.15em}
"""
_STYLE_HASH = hashlib.sha256(STYLE.encode())
_HEADERS = {"Cache-Control": "public, max-age=300", "X-Content-Type-Options": "nosniff"}


def every_error(kind: type[GuerdonError] = GuerdonError) -> Iterator[type[GuerdonError]]:
    """Every error of the product that has been imported."""
    for child in kind.__subclasses__():
        if child.__module__.startswith("guerdon."):
            yield child
            yield from every_error(child)


def error_catalogue() -> dict[str, tuple[int, str, str]]:
    """Code → status, title and meaning."""
    found: dict[str, tuple[int, str, str]] = {}
    for kind in every_error():
        meaning = inspect.cleandoc(kind.__doc__ or "").split("\n\n")[0].replace("\n", " ")
        if kind.code not in found or kind.__dict__.get("code"):
            found[kind.code] = (kind.status, kind.title, meaning)
    return dict(sorted(found.items()))


def _page(title: str, body: str) -> Response[str]:
    digest = base64.b64encode(_STYLE_HASH.digest()).decode()
    html = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<style>{STYLE}</style><main><h1>{escape(title)}</h1>{body}</main></html>"
    )
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; frame-ancestors 'none'"
    return Response(
        html, media_type="text/html", headers=_HEADERS | {"Content-Security-Policy": policy}
    )


def _text(schema: dict[str, Any]) -> str:
    """The type of a schema in a few words."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        return f'<a href="#{escape(name)}">{escape(name)}</a>'
    for several in ("oneOf", "anyOf"):
        if several in schema:
            return " or ".join(_text(part) for part in schema[several])
    if "enum" in schema:
        return " · ".join(f"<code>{escape(str(v))}</code>" for v in schema["enum"])
    kind = schema.get("type", "any")
    if kind == "array":
        return f"list of {_text(schema.get('items') or {})}"
    bounds = [
        f"{label} {schema[key]}"
        for key, label in (("minimum", "≥"), ("maximum", "≤"), ("maxLength", "up to"))
        if key in schema
    ]
    shown = schema.get("format") or (kind if isinstance(kind, str) else " or ".join(kind))
    return escape(" ".join([shown, *bounds]))


def _fields(name: str, schema: dict[str, Any]) -> str:
    required = set(schema.get("required", []))
    rows = "".join(
        f"<tr><td><code>{escape(field)}</code>{'' if field in required else ' (optional)'}"
        f"<td>{_text(part)}"
        for field, part in schema.get("properties", {}).items()
    )
    about = escape(schema.get("description", ""))
    return f'<h3 id="{escape(name)}">{escape(name)}</h3><p>{about}</p><table>{rows}</table>'


def _operation(path: str, method: str, found: dict[str, Any]) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(p['name'])}</code><td>{escape(p['in'])}"
        f"<td>{_text(p.get('schema', {}))}<td>{escape(p.get('description') or '')}"
        for p in found.get("parameters", [])
    )
    table = f"<table>{rows}</table>" if rows else ""
    sent = found.get("requestBody", {}).get("content", {}).get("application/json", {})
    body = f"<p>Body: {_text(sent['schema'])}</p>" if sent else ""
    answers = "".join(
        f"<p>{escape(code)}: {_text(part.get('schema', {}))}</p>"
        for code, response in found.get("responses", {}).items()
        for part in response.get("content", {}).values()
        if code != "default"
    )
    scope = f' <span class="scope">{escape(found.get("x-scope") or "any key")}</span>'
    return (
        f'<h3 id="{escape(found["operationId"])}"><span class="method">{method.upper()}</span>'
        f" <code>{escape(path)}</code>{scope}</h3>"
        f"<p>{escape(found.get('description') or '')}</p>{table}{body}{answers}"
    )


@cache
def _reference(handlers: tuple[ControllerRouterHandler, ...]) -> str:
    described = describe(handlers)
    sections, index = [], []
    for tag in described["tags"]:
        operations = [
            (path, method, found)
            for path, item in described["paths"].items()
            for method, found in item.items()
            if isinstance(found, dict) and tag["name"] in (found.get("tags") or ())
        ]
        index += [
            f'<li><a href="#{escape(f["operationId"])}">{escape(f["operationId"])}</a>'
            for _, _, f in operations
        ]
        shown = "".join(_operation(*one) for one in operations)
        sections.append(
            f"<h2>{escape(tag['name'])}</h2><p>{escape(tag['description'])}.</p>{shown}"
        )
    schemas = "".join(
        _fields(name, schema) for name, schema in sorted(described["components"]["schemas"].items())
    )
    about = "".join(f"<p>{escape(p)}</p>" for p in described["info"]["description"].split("\n\n"))
    links = '<p><a href="/docs/openapi.json">OpenAPI 3.1</a> · <a href="/docs/errors">Errors</a>'
    return (
        f"{about}{links}<nav><ul>{''.join(index)}</ul></nav>{''.join(sections)}"
        f"<h2>Shapes</h2>{schemas}"
    )


def router(handlers: Sequence[ControllerRouterHandler]) -> Router:
    """The pages, on the deployment's own host."""

    @get(["/", "/api"], opt={"policy": public()}, include_in_schema=False, sync_to_thread=False)
    def reference() -> Response[str]:
        """Every operation and shape."""
        return _page("Guerdon API", _reference(tuple(handlers)))

    @get("/errors", opt={"policy": public()}, include_in_schema=False, sync_to_thread=False)
    def errors() -> Response[str]:
        """Every code that a problem can have."""
        rows = "".join(
            f'<tr id="{escape(code)}"><td><code>{escape(code)}</code><td>{status}'
            f"<td>{escape(title)}<td>{escape(meaning)}"
            for code, (status, title, meaning) in error_catalogue().items()
        )
        about = "<p>A problem's <code>code</code> is stable; its texts are not.</p>"
        return _page("Errors of the Guerdon API", f"{about}<table>{rows}</table>")

    @get("/openapi.json", opt={"policy": public()}, include_in_schema=False, sync_to_thread=False)
    def openapi() -> Response[bytes]:
        """The description itself."""
        return Response(
            document(handlers),
            media_type="application/vnd.oai.openapi+json",
            headers=_HEADERS,
        )

    return Router(path="/_base/docs", route_handlers=[reference, errors, openapi])
