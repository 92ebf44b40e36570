"""Runs canaille with the people and clients of a file, in canaille's own environment.

`python serve.py PORT FILE`: prints "ready" when it listens on 127.0.0.1:PORT. FILE is JSON:
{"key": PEM (made anew when absent), "register": whether clients may register themselves,
 "people": [{"user_name", "name", "email", "password", "groups": []}],
 "clients": [{"id", "secret", "name", "uri", "redirect_uris": []}]}
"""

import datetime
import json
import os
import sys
import uuid
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"

from canaille import create_app
from canaille.app import models
from canaille.backends import Backend
from joserfc.jwk import JWKRegistry, RSAKey


class Quiet(WSGIRequestHandler):
    """Says nothing about requests."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        return


class Threads(ThreadingMixIn, WSGIServer):
    """A browser keeps connections open; nobody waits for them."""

    daemon_threads = True


def signing_key(pem: str | None) -> dict[str, Any]:
    """The key that signs tokens: the same after a restart when it is given."""
    key = RSAKey.import_key(pem) if pem else JWKRegistry.generate_key("RSA", 2048)
    key.ensure_kid()
    known: dict[str, Any] = key.as_dict(private=True)
    return known


def fill(content: dict[str, Any]) -> None:
    """Make the people, their groups and the clients."""
    backend = Backend.instance
    groups: dict[str, list[Any]] = {}
    for person in content["people"]:
        given, _, family = person["name"].partition(" ")
        user = models.User(
            user_name=person["user_name"],
            given_name=given,
            family_name=family or given,
            formatted_name=person["name"],
            emails=[person["email"]],
            password=person["password"],
        )
        backend.save(user)
        for group in person.get("groups", []):
            groups.setdefault(group, []).append(user)
    for name, members in groups.items():
        backend.save(models.Group(display_name=name, members=members))
    for each in content.get("clients", []):
        client = models.Client(
            client_id=each["id"],
            client_secret=each["secret"],
            client_id_issued_at=datetime.datetime.now(datetime.UTC),
            client_name=each["name"],
            contacts=["team@brand.example"],
            client_uri=each.get("uri", "https://brand.example"),
            redirect_uris=each["redirect_uris"],
            grant_types=["authorization_code"],
            response_types=["code"],
            scope=["openid", "email", "profile", "groups"],
            token_endpoint_auth_method="client_secret_basic",
            id_token_signed_response_alg="RS256",
        )
        backend.save(client)
        backend.update(client, audience=[client])
        backend.save(client)


def main(port: int, file: str) -> None:
    """Serve until the process is ended."""
    content = json.loads(Path(file).read_text(encoding="utf-8"))
    app = create_app(
        config={
            "TESTING": True,
            "ENV_FILE": None,
            "SECRET_KEY": str(uuid.uuid4()),
            "WTF_CSRF_ENABLED": False,
            "PREFERRED_URL_SCHEME": "http",
            "SERVER_NAME": f"127.0.0.1:{port}",
            "CANAILLE": {
                "DATABASE": "memory",
                "JAVASCRIPT": False,
                "NAME": content.get("name", "Canaille"),
                "ACL": {"DEFAULT": {"PERMISSIONS": ["use_oidc"]}},
            },
            "CANAILLE_OIDC": {
                "ACTIVE_JWKS": [signing_key(content.get("key"))],
                "DYNAMIC_CLIENT_REGISTRATION_OPEN": content.get("register", False),
            },
        }
    )
    with app.app_context():
        fill(content)
    server = make_server("127.0.0.1", port, app, server_class=Threads, handler_class=Quiet)
    print("ready", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
