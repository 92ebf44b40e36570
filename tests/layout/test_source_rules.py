"""House rules that are visible in the syntax tree. Each is tried on a planted violation too."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PRODUCT = ROOT / "platform" / "guerdon"
WORKERS = ROOT / "workers" / "guerdon_workers"

# Where a transaction is opened and committed, or servers are driven as an administrator does.
MAY_COMMIT = ("plumbing/db", "local/", "cli/backup", "cli/db")
# Floors that are the domain: instants are handed in.
DOMAIN = (
    "ledger", "members", "catalogue", "tiers", "earning", "fulfilment", "payments",
    "notifications", "redemption", "webhooks_out", "tenancy", "parameters", "identity",
    "theming", "member_web", "brand_api", "webhooks_in",
)  # fmt: skip
# Points and money.
EXACT = (
    "kit/money.py",
    "ledger/",
    "earning/",
    "tiers/",
    "catalogue/",
    "redemption/",
    "payments/",
    "brand_api/",
)
LINES_MAX = 460

Finding = tuple[int, str]
Check = Callable[[ast.AST], Iterator[Finding]]


def dotted(node: ast.AST) -> str:
    """`a.b.c` of a name or attribute chain; calls and subscripts in between are skipped."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    if isinstance(node, ast.Name):
        return node.id
    return ""


def commits(tree: ast.AST) -> Iterator[Finding]:
    """Calls of commit or rollback: the session's context manager does both."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in ("commit", "rollback")
        ):
            yield node.lineno, f"{dotted(node.func)}() — leave it to the session's context manager"


def clock_reads(tree: ast.AST) -> Iterator[Finding]:
    """Reading the machine's clock instead of being told the instant."""
    pattern = re.compile(
        r"(^|\.)(datetime\.(now|utcnow|today)|date\.today|time\.time(_ns)?|SystemClock)$"
    )
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and pattern.search(dotted(node.func)):
            yield (
                node.lineno,
                f"{dotted(node.func)}() — take `now` as an argument, or rt.clock at the edge",
            )


def floats(tree: ast.AST) -> Iterator[Finding]:
    """Float literals, and the name `float`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            yield node.lineno, f"float literal {node.value} — use int or Decimal"
        elif isinstance(node, ast.Name) and node.id == "float":
            yield node.lineno, "`float` — use int or Decimal"


def templates_from_text(tree: ast.AST) -> Iterator[Finding]:
    """Template engines fed with a string: what a tenant writes is data, never a template."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = dotted(node.func)
            if name.split(".")[-1] in ("from_string", "compile_expression") or name in (
                "Template",
                "jinja2.Template",
            ):
                yield node.lineno, f"{name}() — load templates from the theme's folder"


def reached_into(tree: ast.AST) -> Iterator[Finding]:
    """Session state that outlives a transaction, in SQL text."""
    pattern = re.compile(
        r"\bSET\s+(SESSION|ROLE)\b|\bpg_advisory_lock\b|\bLISTEN\s+\w|\bCREATE\s+TEMP", re.I
    )
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and pattern.search(node.value)
        ):
            yield node.lineno, "session state outlives the transaction in a pool"


def python_files(*parts: str) -> list[Path]:
    """The product's files below one of `parts`, all without parts."""
    every = sorted([*PRODUCT.rglob("*.py"), *WORKERS.rglob("*.py")])
    return [p for p in every if not parts or any(place(p).startswith(part) for part in parts)]


def place(path: Path) -> str:
    """The path below its package, with slashes."""
    for top in (PRODUCT, WORKERS):
        if path.is_relative_to(top):
            return path.relative_to(top).as_posix()
    return path.as_posix()


def violations(check: Check, paths: list[Path]) -> list[str]:
    found = []
    for path in paths:
        found += [
            f"{place(path)}:{line} {text}" for line, text in check(ast.parse(path.read_text()))
        ]
    return found


def test_application_code_never_commits() -> None:
    paths = [p for p in python_files() if not place(p).startswith(MAY_COMMIT)]
    assert len(paths) > 30
    assert violations(commits, paths) == []


def test_the_domain_never_reads_the_clock() -> None:
    assert violations(clock_reads, python_files(*(f"{name}/" for name in DOMAIN))) == []


def test_no_float_near_points_and_money() -> None:
    assert violations(floats, python_files(*EXACT)) == []


def test_no_text_becomes_a_template() -> None:
    assert violations(templates_from_text, python_files()) == []


def test_no_session_state_in_sql() -> None:
    paths = [p for p in python_files() if not place(p).startswith(("local/", "cli/", "plumbing/"))]
    assert violations(reached_into, paths) == []


@pytest.mark.parametrize(
    ("check", "planted"),
    [
        (commits, "async def f(s):\n    await s.connection.commit()"),
        (clock_reads, "def f():\n    return datetime.now(UTC)"),
        (clock_reads, "def f():\n    return time.time()"),
        (floats, "FEE = 0.5"),
        (floats, "def f(x):\n    return float(x)"),
        (templates_from_text, "def f(env, text):\n    return env.from_string(text)"),
        (templates_from_text, "def f(text):\n    return Template(text)"),
        (reached_into, "SQL = 'SET ROLE guerdon_owner'"),
        (reached_into, "SQL = 'SELECT pg_advisory_lock(1)'"),
    ],
)
def test_a_planted_violation_is_seen(check: Check, planted: str) -> None:
    assert len(list(check(ast.parse(planted)))) == 1


def sql_clock_and_floats(text: str) -> list[str]:
    """Floats and clock reads in a hot function."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        code = line.split("--")[0]
        if re.search(r"\b(double precision|real|float[48]?)\b", code, re.I):
            found.append(f"{number} float")
        if re.search(
            r"\b(now\(\)|clock_timestamp\(\)|current_(date|timestamp)|statement_timestamp\(\))",
            code,
            re.I,
        ):
            found.append(f"{number} clock")
    return found


def test_hot_functions_are_exact_and_told_the_time() -> None:
    found = {
        place(path): lines
        for path in sorted(PRODUCT.rglob("sql/*_v*.sql"))
        # The outbox is scheduled by the database's real time, never the programme's.
        if not place(path).startswith("plumbing/")
        and (lines := sql_clock_and_floats(path.read_text()))
    }
    assert found == {}
    assert sql_clock_and_floats("x double precision;\ny := now();\n-- now()") == [
        "1 float",
        "2 clock",
    ]


def long_files(paths: list[Path], lines_max: int) -> list[str]:
    return [
        f"{place(p)}: {n} lines"
        for p in paths
        if (n := len(p.read_text().splitlines())) > lines_max
    ]


def test_files_fit_a_reader(tmp_path: Path) -> None:
    assert long_files(python_files(), LINES_MAX) == []
    planted = tmp_path / "long.py"
    planted.write_text("x = 1\n" * 11)
    assert long_files([planted], 10) == [f"{planted}: 11 lines"]


def vague_names(paths: list[Path]) -> list[str]:
    return [place(p) for p in paths if p.stem in ("utils", "helpers", "manager", "misc", "common")]


def test_a_file_name_says_what_is_in_it() -> None:
    assert vague_names(python_files()) == []
    assert vague_names([Path("x/utils.py")]) == ["x/utils.py"]
