"""OpenID providers of a test: a real one (tests/e2e/oidc/provider.js), one that never answers or answers a byte a second, and one that is only a key."""
import base64
import json
import pathlib
import socket
import ssl
import subprocess
import threading
import time
import urllib.parse
import urllib.request

from node_packages import install
from processes import run
from stack import Stack
from tls_front import Certificates

AUDIENCE = "registry.example.com"
CLIENT = ("ci", "a-secret-of-the-ci-client")
ALGORITHMS = ("RS256", "PS256", "ES256", "ES384", "ES512", "EdDSA")


class Provider:
    """oidc-provider behind TLS, whose certificate a CA of this test signed. It ends with the stack."""

    def __init__(self, stack: Stack):
        self.stack = stack
        folder = stack.folder / f"provider-{len(stack.processes)}"
        folder.mkdir()
        self.certificates = Certificates(folder, ["localhost"])
        environment = {"OIDC_PACKAGES": str(install()), "OIDC_CERTIFICATE": str(self.certificates.certificate), "OIDC_KEY": str(self.certificates.key),
                       "NODE_NO_WARNINGS": "1"}
        program = pathlib.Path(__file__).resolve().parent / "oidc/provider.js"
        process = stack.start(f"provider-{len(stack.processes)}", ["node", program], environment)

        def said():
            lines = [line for line in process.out.read_text().splitlines() if line.startswith('{"issuer"')]
            return lines and json.loads(lines[0])

        started = process.wait_until(said, "the provider says where it listens")
        self.issuer, self.control_url = started["issuer"], started["control"]
        self.trust = ssl.create_default_context(cafile=str(self.certificates.ca))
        stack.canaries.add(CLIENT[1])

    def entry(self, **more) -> dict:
        """The provider as one of `http.auth.bearer.oidc`."""
        return {"issuer": self.issuer, "audiences": [AUDIENCE], "certificateAuthorityFile": str(self.certificates.ca),
                "claimMapping": {"username": "claims.sub", "groups": "claims.?groups.orValue([])"}, **more}

    def control(self, command: str, **given) -> dict:
        request = urllib.request.Request(f"{self.control_url}/{command}", json.dumps(given).encode(), method="POST")
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read())

    def token(self, algorithm: str = "RS256") -> str:
        """A token as a CI job gets one: the client credentials grant (RFC 6749 section 4.4)."""
        form = urllib.parse.urlencode({"grant_type": "client_credentials", "scope": "registry", "resource": f"urn:portcullis:{algorithm}"}).encode()
        request = urllib.request.Request(f"{self.issuer}/token", form, method="POST")
        request.add_header("Authorization", "Basic " + base64.b64encode(":".join(CLIENT).encode()).decode())
        with urllib.request.urlopen(request, timeout=30, context=self.trust) as answer:
            token = json.loads(answer.read())["access_token"]
        self.stack.canaries.add_token(token)
        return token

    def mint(self, algorithm: str = "RS256", key: str = "current", secret: str = "", header: dict = None, **changes) -> str:
        """A token with these claims beside good ones (None leaves one out), signed by the provider's own key or by another."""
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": AUDIENCE, "sub": "ci", "iat": now, "exp": now + 300, **changes}
        claims = {name: value for name, value in claims.items() if value is not None}
        if header is None:
            header = {"alg": algorithm, "kid": self.key_id(algorithm)}
        token = self.control("mint", header=header, payload=claims, key=key, secret=secret)["token"]
        if not token.endswith("."):
            self.stack.canaries.add_token(token)
        return token

    def keys(self) -> list:
        """The public keys that sign, newest first."""
        return self.control("keys")["keys"]

    def key_id(self, algorithm: str) -> str:
        return next(key["kid"] for key in self.keys() if key["alg"] == algorithm)

    def requests(self, path: str = "/jwks") -> int:
        """How often the provider was asked for that path."""
        return self.control("requests").get(path, 0)


class DeadIssuer:
    """Takes connections on loopback and, over plain HTTP, never answers; or, with `drip`, sends a byte of an endless answer each second."""

    def __init__(self, drip: bool = False):
        self.drip = drip
        self.asked = 0
        self.ended = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.issuer = "http://127.0.0.1:%d" % self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.listener.close()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self.asked += 1
            threading.Thread(target=self.hold, args=(client,), daemon=True).start()

    def hold(self, client: socket.socket):
        with client:
            try:
                if self.drip:
                    client.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n")
                while not self.ended.wait(1):
                    if self.drip:
                        client.sendall(b" ")
            except OSError:
                return


class OfflineIssuer:
    """An issuer that is only a key: its JWKS in a file, and tokens with any claims (RS256, signed by openssl)."""

    def __init__(self, folder: pathlib.Path):
        self.key = folder / "offline-issuer.pem"
        made = run(["openssl", "genrsa", "-out", self.key, "2048"])
        assert made.returncode == 0, made.stderr
        modulus = bytes.fromhex(run(["openssl", "rsa", "-in", self.key, "-noout", "-modulus"]).stdout.strip().split("=")[1])
        self.jwks = folder / "offline-issuer.jwks.json"
        self.jwks.write_text(json.dumps({"keys": [{"kty": "RSA", "kid": "offline", "alg": "RS256", "n": encoded(modulus), "e": "AQAB"}]}))

    def token(self, claims: dict) -> str:
        text = encoded(b'{"alg":"RS256","kid":"offline"}') + "." + encoded(json.dumps(claims).encode())
        signed = subprocess.run(["openssl", "dgst", "-sha256", "-sign", str(self.key)], input=text.encode(), capture_output=True, check=True)
        return text + "." + encoded(signed.stdout)


def encoded(data: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
