"""A provider of ours that plays every trick, and what it can be told to do.

It speaks HTTP like a real one; a real one (canaille) is in `test_real_provider.py`.
"""

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

RSA = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig"}, private=True)
OTHER = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig"}, private=True)
EC = ECKey.generate_key("P-256", {"kid": "app-1"}, private=True)


class Pem:
    """A public key's text, abused as the secret of an HMAC (joserfc would not do it)."""

    def __init__(self, key: Any) -> None:
        self.secret: bytes = key.as_pem(private=False)


def sign(header: dict[str, Any], claims: dict[str, Any], key: Any) -> str:
    if not isinstance(key, Pem):
        return jwt.encode(header, claims, key, algorithms=[header["alg"]])
    parts = [
        base64.urlsafe_b64encode(json.dumps(p).encode()).rstrip(b"=") for p in (header, claims)
    ]
    code = hmac.new(key.secret, b".".join(parts), hashlib.sha256).digest()
    return b".".join([*parts, base64.urlsafe_b64encode(code).rstrip(b"=")]).decode()


class Provider(ThreadingHTTPServer):
    """An OpenID Connect provider that can be told to lie."""

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.issuer = f"http://127.0.0.1:{self.server_address[1]}"
        self.reset()

    def reset(self) -> None:
        self.codes: dict[str, dict[str, str]] = {}
        self.claims: dict[str, Any] = {}
        self.drop: set[str] = set()
        self.header: dict[str, Any] = {}
        self.key: Any = RSA
        self.keys: list[Any] = [RSA]
        self.metadata: dict[str, Any] = {}
        self.raw_token: str | None = None
        self.asked: list[str] = []

    def consent(self, url: str, subject: str = "sub-1") -> dict[str, str]:
        """What a person's browser brings back after signing in here."""
        asked = {k: v[0] for k, v in parse_qs(urlsplit(url).query).items()}
        code = secrets.token_urlsafe(16)
        self.codes[code] = {**asked, "sub": subject}
        return {"code": code, "state": asked["state"]}

    def id_token(self, asked: dict[str, str]) -> str:
        if self.raw_token is not None:
            return self.raw_token
        now = int(time.time())
        claims = {
            "iss": self.issuer, "sub": asked["sub"], "aud": "guerdon", "nonce": asked["nonce"],
            "iat": now, "exp": now + 300, "email": "ana@example.com", "email_verified": True,
            "name": "Ana", **self.claims,
        }  # fmt: skip
        kept = {k: v for k, v in claims.items() if k not in self.drop}
        return sign({"alg": "RS256", "kid": "k1", **self.header}, kept, self.key)


class _Handler(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self) -> None:
        me = self.server
        me.asked.append(self.path)
        if self.path == "/.well-known/openid-configuration":
            self._json({
                "issuer": me.issuer, "authorization_endpoint": f"{me.issuer}/authorize",
                "token_endpoint": f"{me.issuer}/token", "jwks_uri": f"{me.issuer}/keys",
                **me.metadata,
            })  # fmt: skip
        elif self.path == "/keys":
            self._json({"keys": [k.as_dict(private=False) for k in me.keys]})
        else:
            self.send_error(404)

    def do_POST(self) -> None:
        me = self.server
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        form = {k: v[0] for k, v in parse_qs(body).items()}
        basic = base64.b64encode(b"guerdon:the secret").decode()
        asked = me.codes.pop(form.get("code", ""), None)
        challenge = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        fits = asked is not None and (
            self.headers.get("authorization") == f"Basic {basic}"
            and base64.urlsafe_b64encode(challenge).rstrip(b"=").decode() == asked["code_challenge"]
            and form["redirect_uri"] == asked["redirect_uri"]
        )
        if not fits or asked is None:
            self._json({"error": "invalid_grant"}, 400)
            return
        self._json({"access_token": "x", "token_type": "Bearer", "id_token": me.id_token(asked)})

    def _json(self, content: Any, status: int = 200) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


def _none_alg(provider: Provider) -> None:
    head = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    now = int(time.time())
    claims = {"iss": provider.issuer, "sub": "x", "aud": "guerdon", "iat": now,
              "exp": now + 60}  # fmt: skip
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    provider.raw_token = f"{head}.{body}."


def _hs256(provider: Provider) -> None:
    provider.header = {"alg": "HS256"}
    provider.key = Pem(RSA)


def _set(**what: Any) -> Callable[[Provider], None]:
    def lie(provider: Provider) -> None:
        for name, value in what.items():
            setattr(provider, name, value)

    return lie


LIES: dict[str, Callable[[Provider], None]] = {
    "wrong issuer": _set(claims={"iss": "https://evil.example"}),
    "issuer with a slash": lambda p: _set(claims={"iss": p.issuer + "/"})(p),
    "no issuer": _set(drop={"iss"}),
    "wrong audience": _set(claims={"aud": "another-client"}),
    "no audience": _set(drop={"aud"}),
    "two audiences without azp": _set(claims={"aud": ["guerdon", "other"]}),
    "azp of another": _set(claims={"aud": ["guerdon", "other"], "azp": "other"}),
    "lone azp of another": _set(claims={"azp": "other"}),
    "wrong nonce": _set(claims={"nonce": "replayed"}),
    "no nonce": _set(drop={"nonce"}),
    "expired": _set(claims={"exp": 1_700_000_000}),
    "no expiry": _set(drop={"exp"}),
    "from the future": _set(claims={"iat": 4_000_000_000}),
    "not yet": _set(claims={"nbf": 4_000_000_000}),
    "no subject": _set(drop={"sub"}),
    "empty subject": _set(claims={"sub": ""}),
    "subject of another type": _set(claims={"sub": 5}),
    "long subject": _set(claims={"sub": "x" * 256}),
    "alg none": _none_alg,
    "alg HS256 with the public key": _hs256,
    "alg not pinned": _set(header={"alg": "PS256"}),
    "another key, same kid": _set(key=OTHER),
    "unknown kid": _set(header={"kid": "k9"}),
    "own jwk in the header": _set(key=OTHER, header={"jwk": OTHER.as_dict(private=False)}),
    "own jku in the header": _set(header={"jku": "https://evil.example/keys"}),
    "not a token": _set(raw_token="x.y.z"),
    "no token": _set(raw_token=""),
    "a huge token": _set(raw_token="x" * 40_000),
}
