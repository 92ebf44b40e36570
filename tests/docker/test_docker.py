"""What can be told about the container files where there is no container engine."""

import json
import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from guerdon.cli import _guerdon
from guerdon.settings import PREFIX, Settings

ROOT = Path(__file__).parents[2]
DOCKER = ROOT / "docker"
COMPOSE: dict[str, Any] = yaml.safe_load((DOCKER / "compose.yaml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = [name for name, s in SERVICES.items() if s.get("image") == "guerdon"]
KNOWN = {PREFIX + f.upper() for f in Settings.__struct_fields__} | {
    "GUERDON_ADMIN_URL",
    "GUERDON_OPERATOR_EMAIL",
}


def _instructions() -> list[tuple[str, str]]:
    text = (DOCKER / "Dockerfile").read_text()
    text = re.sub(r"^#.*\n", "", text, flags=re.M).replace("\\\n", " ")
    return [(a, b) for a, _, b in (line.partition(" ") for line in text.splitlines()) if a]


def _check_command(arguments: list[str]) -> None:
    """The words are a command of ours and its options exist: click parses them up to --help."""
    result = CliRunner().invoke(_guerdon, [*arguments, "--help"])
    assert result.exit_code == 0, result.output
    known = set(re.findall(r"--[a-z-]+", result.output))
    for word in arguments:
        if word.startswith("--"):
            assert word.partition("=")[0] in known


def test_every_file_the_image_copies_is_there_and_not_ignored() -> None:
    allowed = {
        line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] == "!"
    }
    copied = [
        source
        for kind, rest in _instructions()
        if kind == "COPY" and "--from=" not in rest
        for source in rest.split()[:-1]
    ]
    assert {"platform", "workers", "migrations", "themes", "requirements.lock"} <= set(copied)
    for source in copied:
        assert (ROOT / source).exists()
        assert source in allowed
    assert not any(a.startswith("tenants") for a in allowed)


def test_the_image_can_do_saml() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lock = (ROOT / "requirements.lock").read_text()
    locked = set(re.findall(r"^([a-z0-9-]+)==", lock, re.M))
    wanted = set(extras["optional-dependencies"]["saml"])
    assert wanted == {"python3-saml", "xmlsec"}
    assert wanted <= locked
    (taken_out,) = re.findall(r"uv pip uninstall (.+)$", (DOCKER / "Dockerfile").read_text(), re.M)
    assert not wanted & set(taken_out.split())


def test_the_image_runs_as_nobody_special() -> None:
    instructions = _instructions()
    last_stage = max(i for i, (kind, _) in enumerate(instructions) if kind == "FROM")
    users = [rest for kind, rest in instructions[last_stage:] if kind == "USER"]
    assert users == ["10001"]
    assert ("ENTRYPOINT", '["guerdon"]') in instructions
    assert sum(kind == "FROM" for kind, _ in instructions) == 3


def test_the_image_holds_the_console_as_its_own_scripts_build_it() -> None:
    scripts = json.loads((ROOT / "admin_spa/package.json").read_text())["scripts"]
    called = re.findall(r"npm run (\w+)", (DOCKER / "Dockerfile").read_text())
    assert called == ["client", "compile", "build"]
    assert set(called) <= set(scripts)
    assert ("COPY", "--from=console /build/admin_spa/dist /srv/guerdon/admin_spa/dist") in (
        _instructions()
    )
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert {"admin_spa/node_modules", "admin_spa/dist"} <= set(ignored)


def test_every_command_of_ours_exists() -> None:
    for name in OURS:
        _check_command(SERVICES[name]["command"])
        check = SERVICES[name].get("healthcheck", {}).get("test")
        if check:
            assert check[:2] == ["CMD", "guerdon"]
            _check_command(check[2:])
    (default,) = [rest for kind, rest in _instructions() if kind == "CMD"]
    _check_command(yaml.safe_load(default))
    assert {SERVICES[n]["command"][0] for n in OURS} == {
        "db", "web", "worker", "relay", "scheduler",
    }  # fmt: skip


def test_services_lean_on_services_that_exist_and_are_checked() -> None:
    for name, service in SERVICES.items():
        for other, how in service.get("depends_on", {}).items():
            assert other in SERVICES, name
            if how["condition"] == "service_healthy":
                assert "healthcheck" in SERVICES[other]
        for network in service["networks"]:
            assert network in COMPOSE["networks"]
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            assert (DOCKER / source).exists() if source[0] == "." else source in COMPOSE["volumes"]


def test_only_two_services_see_the_administrator_and_only_caddy_the_street() -> None:
    admins = {n for n, s in SERVICES.items() if {"admin.env", "postgres.env"} & set(_env_files(s))}
    assert admins == {"postgres", "init"}
    assert {n for n, s in SERVICES.items() if "ports" in s} == {"caddy"}
    for name in OURS:
        assert SERVICES[name]["read_only"] is True
        assert SERVICES[name]["cap_drop"] == ["ALL"]


def _env_files(service: dict[str, Any]) -> list[str]:
    files = service.get("env_file", [])
    return [files] if isinstance(files, str) else files


def test_every_variable_named_is_one_that_is_read() -> None:
    for file in DOCKER.iterdir():
        for name in re.findall(r"GUERDON_[A-Z_]+", file.read_text()):
            assert name in KNOWN, f"{file.name}: {name}"


def test_the_proxy_that_is_trusted_is_caddy_and_it_overwrites_what_clients_claim() -> None:
    example = (DOCKER / "guerdon.env.example").read_text()
    address = SERVICES["caddy"]["networks"]["front"]["ipv4_address"]
    assert f"GUERDON_TRUSTED_PROXIES={address}\n" in example
    caddyfile = (DOCKER / "Caddyfile").read_text()
    assert caddyfile.count("{") == caddyfile.count("}")
    assert "header_up X-Forwarded-For {remote_host}" in caddyfile
    (asked,) = re.findall(r"^\s*ask (\S+)$", caddyfile, re.M)
    assert asked == "http://web:8000/certificate"
    assert "GUERDON_ASK_HOST=web:8000\n" in example


def test_shell_in_the_dockerfile_parses() -> None:
    for kind, rest in _instructions():
        if kind == "RUN":
            assert shlex.split(rest)


def test_the_settings_document_says_what_the_settings_are() -> None:
    result = CliRunner().invoke(_guerdon, ["settings"])
    assert (ROOT / "docs" / "settings.md").read_text() == result.output, "run `make settings-doc`"


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_every_setting_is_documented(name: str) -> None:
    assert f"`{name}`" in (ROOT / "docs" / "settings.md").read_text()
