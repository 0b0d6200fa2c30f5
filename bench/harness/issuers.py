"""OIDC issuers of a benchmark: a key, its tokens, and where a gate finds the issuer: in a file, over HTTP, or nowhere."""
import http.server
import json
import pathlib
import socket
import subprocess
import threading

AUDIENCE = "registry.example.org"
POLICY = {"repositories": {"**": {"defaultPolicy": ["read"]}}}

# Ten expressions: six variables, two validations, a user name and groups.
MAPPING = {
    "variables": [
        {"name": "org", "expression": "claims.repository.split('/')[0]"},
        {"name": "project", "expression": "claims.repository.split('/')[1]"},
        {"name": "branch", "expression": "claims.ref.replace('refs/heads/', '')"},
        {"name": "released", "expression": "claims.ref_type == 'tag' || vars.branch == 'main'"},
        {"name": "teams", "expression": "claims.?groups.orValue([]).filter(g, g.startsWith('team-')).map(g, g.lowerAscii())"},
        {"name": "actor", "expression": "claims.actor.lowerAscii().trim()"},
    ],
    "validations": [
        {"expression": "vars.org in ['octo-org', 'acme']", "message": "another organization"},
        {"expression": "claims.repository_owner_id == '65' && claims.event_name != 'pull_request'", "message": "another owner"},
    ],
    "username": "'github:' + vars.org + '/' + vars.project + ':' + vars.actor",
    "groups": "vars.teams + (vars.released ? ['released'] : ['work'])",
}
CLAIMS = {"repository": "octo-org/octo-repo", "repository_owner_id": "65", "ref": "refs/heads/main", "ref_type": "branch", "event_name": "push",
          "actor": "OctoCat", "groups": ["team-a", "Team-b", "others"]}


class Issuer:
    """One RS256 key of an issuer, made and used through `portcullis key` and `portcullis token`."""

    def __init__(self, portcullis, folder: pathlib.Path, url):
        self.portcullis, self.url = str(portcullis), url
        folder.mkdir(parents=True)
        self.key, keys, config = folder / "key.pem", folder / "keys.json", folder / "config.json"
        self.run("key", "generate", "--alg", "RS256", "--id", "i1", "--private", self.key, "--keys", keys)
        config.write_text(json.dumps({"http": {"auth": {"bearer": {"realm": "https://a/", "service": "s"}}}, "portcullis": {
            "listen": ["127.0.0.1:0"], "proxy": {"trusted": ["127.0.0.1/32"]}, "keys": {"file": str(keys)}, "tokens": {"issuers": ["any"], "audiences": ["any"]}}}))
        self.jwks = json.dumps(json.loads(self.run("keys", config, "--json"))["jwks"])
        self.jwks_file = folder / "jwks.json"
        self.jwks_file.write_text(self.jwks)

    def run(self, *arguments):
        done = subprocess.run([self.portcullis, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
        if done.returncode != 0:
            raise SystemExit(f"portcullis {arguments[0]}: {done.stderr}")
        return done.stdout

    def token(self, subject):
        claims = [part for name, value in CLAIMS.items() for part in ("--claim", f"{name}={json.dumps(value)}")]
        return self.run("token", "mint", "--key", self.key, "--id", "i1", "--alg", "RS256", "--issuer", self.url, "--audience", AUDIENCE, "--subject", subject,
                        "--expires", "2h", *claims).strip()

    def tokens(self, path, count):
        """A file of that many distinct tokens, one a line."""
        path.write_text("".join(self.token(f"job-{number}") + "\n" for number in range(count)))
        return path


class Provider:
    """Discovery and JWKS over plain HTTP on loopback."""

    def __init__(self, portcullis, folder):
        provider = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                url = provider.issuer.url
                document = {"issuer": url, "jwks_uri": f"{url}/jwks", "id_token_signing_alg_values_supported": ["RS256"]}
                body = (provider.issuer.jwks if self.path == "/jwks" else json.dumps(document)).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = Issuer(portcullis, folder, f"http://127.0.0.1:{self.server.server_address[1]}")
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


class Dead:
    """Takes connections and never answers; with `drip`, sends a byte of an endless answer each second."""

    def __init__(self, drip=False):
        self.drip, self.ended = drip, threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
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
            threading.Thread(target=self.hold, args=(client,), daemon=True).start()

    def hold(self, client):
        with client:
            try:
                if self.drip:
                    client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
                while not self.ended.wait(1):
                    if self.drip:
                        client.sendall(b" ")
            except OSError:
                pass


def entry(url, **more):
    return {"issuer": url, "audiences": [AUDIENCE], **more}
