#!/usr/bin/env python3
"""The token exchange behind nginx: skopeo logs in with a token or with a password that another token endpoint knows; and who sees which credentials."""
import base64
import http.server
import pathlib
import tempfile
import threading
import unittest
import urllib.parse

import wire
from processes import run, wait_until
from stack import SERVICE, Stack
from token_server import TokenServer

RIGHTS = {"alice": {"repository:team/app:pull", "repository:team/app:push"}}
USERS = {"alice": "alices-password-1"}
OTHER_SERVICE = "registry.internal"


class Endpoint:
    """A token endpoint that writes down what it is asked, and answers as it is told: a status, a redirect, or not at all until it is let go."""

    def __init__(self):
        self.asked = []  # (method, path and query, headers, body)
        self.status, self.location, self.held = 200, None, False
        self.arrived, self.let_go = threading.Semaphore(0), threading.Event()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                outer.asked.append((self.command, self.path, dict(self.headers), body.decode()))
                outer.arrived.release()
                if outer.held:
                    outer.let_go.wait()
                document = b'{"token":"of-the-other-endpoint"}'
                self.send_response(outer.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Set-Cookie", "session=1")
                self.send_header("Content-Length", str(len(document)))
                if outer.location:
                    self.send_header("Location", outer.location)
                self.end_headers()
                try:
                    self.wfile.write(document)
                except OSError:
                    pass

            do_GET = do_POST = answer

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.realm = "http://127.0.0.1:%d/token" % self.server.server_address[1]

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.let_go.set()
        self.server.shutdown()
        self.server.server_close()


def basic(user: str, password: str) -> dict:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def stack_with(realm: str) -> Stack:
    """nginx, the registry, and a gate whose challenge leads to nginx itself, with another token endpoint behind it."""
    stack = Stack().__enter__()
    stack.make_key("k1", "ES256")
    stack.start_registry()
    stack.start_nginx()
    bearer = stack.config["http"]["auth"]["bearer"]
    bearer["realm"] = f"http://{stack.front}/zot/auth/token"
    bearer["upstreamTokenEndpoint"] = {"realm": realm, "service": OTHER_SERVICE, "allowInsecureHttp": True}
    stack.start_gate()
    return stack


class Login(unittest.TestCase):
    """skopeo, as a user sees it."""

    @classmethod
    def setUpClass(cls):
        cls.server = TokenServer(lambda user, entries: cls.stack.mint("k1", *entries, subject=user), USERS, RIGHTS).__enter__()
        cls.addClassCleanup(lambda: cls.server.__exit__())
        cls.stack = stack = stack_with(cls.server.realm)
        cls.addClassCleanup(lambda: stack.__exit__(None, None, None))
        stack.canaries.add(USERS["alice"])

    def login(self, user: str, password: str):
        authfile = pathlib.Path(tempfile.mkdtemp(prefix="login.", dir=self.stack.folder)) / "auth.secret"
        return authfile, run(["skopeo", "login", "--tls-verify=false", "--authfile", authfile, "--username", user, "--password-stdin", self.stack.front],
                             input=password)

    def copy(self, authfile: pathlib.Path, source: str, target: str):
        return run(["skopeo", "--insecure-policy", "copy", "--src-tls-verify=false", "--dest-tls-verify=false", "--authfile", authfile, source, target])

    def push_and_pull(self, authfile: pathlib.Path):
        image, digest = self.stack.image()
        folder = tempfile.mkdtemp(prefix="pulled.", dir=self.stack.folder)
        remote = f"docker://{self.stack.front}/team/app:latest"
        for done in (self.copy(authfile, f"oci:{image}:latest", remote), self.copy(authfile, remote, f"oci:{folder}:latest")):
            self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertTrue((pathlib.Path(folder) / "blobs" / digest.replace(":", "/")).exists())

    def test_with_a_token_as_the_password_it_pushes_and_pulls(self):
        asked = len(self.server.asked)
        token = self.stack.mint("k1", "repository:team/app:pull,push")

        authfile, done = self.login("anybody", token)

        self.assertEqual(done.returncode, 0, done.stderr)
        self.push_and_pull(authfile)
        self.assertEqual(len(self.server.asked), asked)

    def test_with_a_password_of_the_other_endpoint_it_pushes_and_pulls(self):
        authfile, done = self.login("alice", USERS["alice"])

        self.assertEqual(done.returncode, 0, done.stderr)
        self.push_and_pull(authfile)
        self.assertEqual({service for service, _ in self.server.asked}, {OTHER_SERVICE})

    def test_with_a_wrong_password_it_does_not_get_in(self):
        _, done = self.login("alice", "not-her-password")

        self.assertNotEqual(done.returncode, 0)

    def test_with_an_expired_token_it_does_not_get_in_and_nobody_else_is_asked(self):
        asked = len(self.server.asked)
        token = self.stack.mint("k1", "repository:team/app:pull", at=wire.unix_now() - 7200)

        _, done = self.login("anybody", token)

        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(len(self.server.asked), asked)


class Upstream(unittest.TestCase):
    """What the other endpoint is asked, and what comes back."""

    def setUp(self):
        self.endpoint = self.enterContext(Endpoint())
        self.stack = stack = stack_with(self.endpoint.realm)
        self.addCleanup(lambda: stack.__exit__(None, None, None))

    def ask(self, method: str = "GET", query: str = "", headers=(), body: bytes = b"") -> wire.Answer:
        return self.stack.ask(method, "/zot/auth/token" + query, headers=headers, body=body)

    def test_it_sees_method_query_form_and_four_headers(self):
        headers = {**basic("bob", "hunter2"), "Content-Type": "application/x-www-form-urlencoded", "Accept": "text/json", "User-Agent": "docker/27",
                   "Cookie": "session=secret", "X-Forwarded-For": "10.1.2.3", "X-Portcullis-Marker": "guess"}

        answer = self.ask("POST", f"?scope=a&service={SERVICE}", headers, f"service={SERVICE}&grant_type=password&password=p%2Bq".encode())

        self.assertEqual((answer.status, answer.json()), (200, {"token": "of-the-other-endpoint"}))
        self.assertEqual((answer.all("Set-Cookie"), answer.one("Cache-Control"), answer.one("Pragma")), ([], "no-store", "no-cache"))
        method, target, seen, body = self.endpoint.asked.pop()
        self.assertEqual((method, target), ("POST", f"/token?scope=a&service={OTHER_SERVICE}"))
        self.assertEqual(urllib.parse.parse_qs(body), {"grant_type": ["password"], "password": ["p+q"], "service": [OTHER_SERVICE]})
        self.assertEqual(set(seen), {"Host", "Authorization", "Content-Type", "Accept", "User-Agent", "Content-Length"})
        self.assertEqual((seen["Authorization"], seen["User-Agent"]), (headers["Authorization"], "docker/27"))

    def test_it_never_sees_a_token_of_ours(self):
        expired = self.stack.mint("k1", "repository:team/app:pull", at=wire.unix_now() - 7200)
        elsewhere = self.stack.mint("k1", "repository:team/app:pull", audience="another.example.com")
        foreign_issuer = self.stack.mint("k1", "repository:team/app:pull", issuer="https://another.example.com")
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        for token in (expired, elsewhere, foreign_issuer):
            self.assertEqual(self.ask(headers=basic("u", token)).status, 401)
            self.assertEqual(self.ask("POST", headers={**form, **basic("u", "hunter2")}, body=f"refresh_token={token}".encode()).status, 401)
            self.assertEqual(self.ask("POST", headers=form, body=f"password=hunter2&assertion={token}".encode()).status, 401)
        self.assertEqual(self.endpoint.asked, [])

    def test_its_redirect_comes_back_and_is_not_followed(self):
        with Endpoint() as canary:
            self.endpoint.status, self.endpoint.location = 307, canary.realm

            answer = self.ask(headers=basic("bob", "hunter2"))

            self.assertEqual((answer.status, answer.one("Location")), (307, canary.realm))
            self.assertEqual(canary.asked, [])

    def test_a_refusal_comes_back(self):
        self.endpoint.status = 401
        self.assertEqual(self.ask(headers=basic("bob", "wrong")).status, 401)

    def test_while_it_is_slow_everybody_else_is_served(self):
        self.endpoint.held = True
        slow = [threading.Thread(target=self.ask, kwargs={"headers": basic("bob", "hunter2")}) for _ in range(20)]
        for thread in slow:
            thread.start()
        for _ in range(8):
            self.endpoint.arrived.acquire()
        token = self.stack.mint("k1", "repository:team/app:pull")

        for _ in range(20):
            self.assertEqual(self.stack.ask("GET", "/v2/", token).status, 200)
            self.assertEqual(self.ask(headers=basic("u", token)).status, 200)

        self.endpoint.let_go.set()
        for thread in slow:
            thread.join()

    def test_the_gate_ends_while_it_is_asked(self):
        self.endpoint.held = True
        slow = threading.Thread(target=self.ask, kwargs={"headers": basic("bob", "hunter2")})
        slow.start()
        self.endpoint.arrived.acquire()

        self.assertEqual(self.stack.gate.stop(), 0)

        slow.join()
        self.stack.admin = None

    def test_where_nobody_listens_the_answer_is_502(self):
        self.endpoint.server.shutdown()
        self.endpoint.server.server_close()

        answer = self.ask(headers=basic("bob", "hunter2"))

        self.assertEqual(answer.status, 502)
        self.assertIn("failed to proxy token request", answer.body.decode())
        self.endpoint.server = http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
        threading.Thread(target=self.endpoint.server.serve_forever, daemon=True).start()

    def test_a_body_that_breaks_off_is_passed_to_nobody(self):
        with wire.connect(self.stack.gate_addresses[0]) as connection:
            connection.sendall(b"POST /zot/auth/token HTTP/1.1\r\nHost: gate\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                               b"Content-Length: 100\r\n\r\npassword=hunt")
        self.assertEqual(self.ask(headers=basic("u", "hunter2")).status, 200)
        self.assertEqual(len(self.endpoint.asked), 1)

    def test_every_answer_is_never_stored(self):
        for answer in (self.ask(), self.ask(headers=basic("u", self.stack.mint("k1"))), self.ask("GET", "?a=%zz"), self.ask(headers={"Authorization": "x"})):
            self.assertEqual((answer.one("Cache-Control"), answer.one("Pragma")), ("no-store", "no-cache"), answer)

    def test_it_is_counted(self):
        self.ask(headers=basic("bob", "hunter2"))

        wait_until(lambda: self.stack.metric('portcullis_token_exchanges_total{result="relayed"}') == 1, "the relayed request is counted")


if __name__ == "__main__":
    unittest.main()
