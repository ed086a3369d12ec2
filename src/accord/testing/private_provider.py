"""A private OpenID Connect provider on 127.0.0.1, for tests of signing in: it vouches for whoever is set as `person`.

It checks what a real one checks: client, redirect address, code used once, PKCE verifier.
"""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

CLIENT = "accord-tests"


class PrivateProvider:
    """A provider that runs until it is closed."""

    def __init__(self) -> None:
        self.person: dict[str, Any] = {"sub": "s-1", "preferred_username": "ada", "roles": ["Administrator"]}
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._key_id = secrets.token_hex(4)
        self._codes: dict[str, dict[str, str]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.authority = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def change_key(self) -> None:
        """Sign with a new key from now on, and show only that one."""
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._key_id = secrets.token_hex(4)

    def token(self, **claims: Any) -> str:
        """Return a signed token for the person; `claims` replace those it would have, None leaves one out."""
        now = int(time.time())
        whole = {"iss": self.authority, "aud": CLIENT, "iat": now, "exp": now + 300, **self.person, **claims}
        kept = {name: value for name, value in whole.items() if value is not None}
        return jwt.encode(kept, self._key, algorithm="ES256", headers={"kid": self._key_id})

    def answer(self, path: str, query: Mapping[str, str], form: Mapping[str, str]) -> tuple[int, dict[str, Any] | str]:
        """Return status and body, or where to go, of a request."""
        match path:
            case "/.well-known/openid-configuration":
                return 200, {
                    "issuer": self.authority, "jwks_uri": f"{self.authority}/keys",
                    "authorization_endpoint": f"{self.authority}/authorize",
                    "token_endpoint": f"{self.authority}/token",
                }  # fmt: skip
            case "/keys":
                shown = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(self._key.public_key()))
                return 200, {"keys": [{**shown, "kid": self._key_id, "use": "sig", "alg": "ES256"}]}
            case "/authorize":
                return self._authorize(query)
            case "/token":
                return self._exchange(form)
        return 404, {}

    def _authorize(self, query: Mapping[str, str]) -> tuple[int, dict[str, Any] | str]:
        if query["client_id"] != CLIENT or query["response_type"] != "code" or query["code_challenge_method"] != "S256":
            return 400, {"error": "invalid_request"}
        code = secrets.token_urlsafe(8)
        self._codes[code] = dict(query)
        return 302, f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def _exchange(self, form: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
        asked = self._codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if asked is None or asked["code_challenge"] != challenge or asked["redirect_uri"] != form.get("redirect_uri"):
            return 400, {"error": "invalid_grant"}
        token = self.token(nonce=asked["nonce"])
        return 200, {"access_token": token, "id_token": token, "token_type": "Bearer", "expires_in": 300}


def _handler(provider: PrivateProvider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer({})

        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._answer(dict(parse_qsl(text)))

        def log_message(self, *_: object) -> None:
            """Say nothing: tests look at what is answered."""

        def _answer(self, form: dict[str, str]) -> None:
            place = urlsplit(self.path)
            status, body = provider.answer(place.path, dict(parse_qsl(place.query)), form)
            self.send_response(status)
            content = b""
            if isinstance(body, str):
                self.send_header("Location", body)
            else:
                content = json.dumps(body).encode()
                self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    return Handler
