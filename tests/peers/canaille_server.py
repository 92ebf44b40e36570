"""Runs canaille with one user and one client, in canaille's own environment.

`python canaille_server.py PORT REDIRECT_URI...`: prints "ready" when it listens on 127.0.0.1:PORT.
"""

import datetime
import os
import sys
import uuid
from wsgiref.simple_server import WSGIRequestHandler, make_server

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"

from canaille import create_app
from canaille.app import models
from canaille.backends import Backend
from joserfc.jwk import JWKRegistry

CLIENT_ID, CLIENT_SECRET = "guerdon", "canaille's secret"


class Quiet(WSGIRequestHandler):
    """Says nothing about requests."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        return


def main(port: int, redirect_uris: list[str]) -> None:
    """Serve until the process is ended."""
    key = JWKRegistry.generate_key("RSA", 2048)
    key.ensure_kid()
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
                "ACL": {"DEFAULT": {"PERMISSIONS": ["use_oidc"]}},
            },
            "CANAILLE_OIDC": {"ACTIVE_JWKS": [key.as_dict(private=True)]},
        }
    )
    with app.app_context():
        backend = Backend.instance
        now = datetime.datetime.now(datetime.UTC)
        user = models.User(
            user_name="zelda",
            given_name="Zelda",
            family_name="Quill",
            formatted_name="Zelda Quill",
            emails=["zelda@brand.example"],
            password="a long passphrase",
        )
        backend.save(user)
        client = models.Client(
            client_id=CLIENT_ID,
            client_secret=CLIENT_SECRET,
            client_id_issued_at=now,
            client_name="Guerdon",
            contacts=["team@brand.example"],
            client_uri="https://brand.example",
            redirect_uris=redirect_uris,
            grant_types=["authorization_code"],
            response_types=["code"],
            scope=["openid", "email", "profile"],
            token_endpoint_auth_method="client_secret_basic",
            id_token_signed_response_alg="RS256",
        )
        backend.save(client)
        backend.update(client, audience=[client])
        backend.save(client)
    server = make_server("127.0.0.1", port, app, handler_class=Quiet)
    print("ready", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
