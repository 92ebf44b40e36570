"""The reference and the error catalogue say what the code does."""

import importlib
import pkgutil
import re
from pathlib import Path
from typing import Any

import guerdon
from guerdon.brand_api.document import describe
from guerdon.brand_api.reference import error_catalogue, every_error
from guerdon.brand_api.routes import HANDLERS


def import_everything() -> None:
    for module in pkgutil.walk_packages(guerdon.__path__, "guerdon."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)


def catalogue_page() -> str:
    """docs/api-errors.md as it should be; `python -m tests.brand_api.test_reference` writes it."""
    rows = "".join(
        f"| `{code}` | {status} | {title} | {meaning} |\n"
        for code, (status, title, meaning) in error_catalogue().items()
    )
    return (
        "# Errors of the API\n\n"
        "Every answer from 400 on is `application/problem+json` (RFC 9457) with one of these\n"
        "codes. A code is stable; titles and details are for people and may change. `errors` says\n"
        "where the input is at fault: a JSON pointer into the body, a parameter, or a header.\n\n"
        "| code | status | title | meaning |\n|---|---|---|---|\n" + rows
    )


def test_the_catalogue_lists_every_error(root: Path) -> None:
    import_everything()
    page = root / "docs" / "api-errors.md"
    assert page.read_text() == catalogue_page(), "run: python -m tests.brand_api.test_reference"


def test_a_code_has_one_status_and_every_error_says_what_it_is() -> None:
    import_everything()
    statuses: dict[str, set[int]] = {}
    for kind in every_error():
        assert kind.__doc__, kind
        assert re.fullmatch(r"[a-z][a-z0-9_]+", kind.code), kind
        statuses.setdefault(kind.code, set()).add(kind.status)
    assert {code: s for code, s in statuses.items() if len(s) > 1} == {}


async def test_pages_name_every_operation(http: Any) -> None:
    client = await http("localhost")
    page = await client.get("/docs/api")
    assert page.status_code == 200
    assert "script" not in page.headers["content-security-policy"]
    assert "<script" not in page.text
    described = describe(HANDLERS)
    for item in described["paths"].values():
        for operation in item.values():
            assert f'id="{operation["operationId"]}"' in page.text
    errors = await client.get("/docs/errors")
    assert all(f'id="{code}"' in errors.text for code in error_catalogue())
    assert (await client.get("/docs/openapi.json")).json()["openapi"].startswith("3.1")


def test_every_shape_that_is_referred_to_is_there() -> None:
    described = describe(HANDLERS)
    named = set(re.findall(r"#/components/schemas/([\w.-]+)", str(described)))
    assert named <= set(described["components"]["schemas"])


if __name__ == "__main__":
    import_everything()
    Path("docs/api-errors.md").write_text(catalogue_page())
