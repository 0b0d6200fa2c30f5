#!/usr/bin/env python3
"""What nginx and the gate are together: identity, error bodies, odd requests, the marker, and what happens where the gate cannot answer."""
import http.server
import json
import os
import signal
import threading
import unittest

from processes import wait_until
from stack import EXAMPLES, Stack
import wire

CLAIMED = ["X-Auth-Request-User", "X-Auth-Request-Groups", "X-Auth-Request-Email", "X-Forwarded-User", "X-Forwarded-Groups", "X-Remote-User",
           "Remote-User", "X-Original-URI", "X-Original-Method", "X-Registry-Authorization", "X-Portcullis-Marker", "X-Portcullis-Drop-Mount"]


class Echo(http.server.BaseHTTPRequestHandler):
    """A registry that answers with the headers that reached it."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = json.dumps(self.headers.items()).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class BehindNginx(unittest.TestCase):
    site = "portcullis.conf"

    @classmethod
    def setUpClass(cls):
        cls.stack = Stack().__enter__()
        cls.addClassCleanup(lambda: cls.stack.__exit__(None, None, None))
        cls.echo = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo)
        threading.Thread(target=cls.echo.serve_forever, daemon=True).start()
        cls.addClassCleanup(cls.echo.server_close)
        cls.addClassCleanup(cls.echo.shutdown)
        cls.stack.make_key("k1")
        cls.prepare(cls.stack)
        cls.stack.start_nginx(cls.site, upstream="127.0.0.1:%d" % cls.echo.server_address[1])

    @classmethod
    def prepare(cls, stack):
        stack.config["portcullis"]["tokens"]["claimMapping"] = {"username": "claims.sub", "groups": "claims.?groups.orValue([])"}
        stack.start_gate()

    def pull_token(self, **options):
        return self.stack.mint("k1", "repository:team/app:pull", **options)

    def reached(self, token, headers=()) -> list:
        answer = self.stack.ask("GET", "/v2/team/app/manifests/latest", token, headers)
        self.assertEqual(answer.status, 200, answer)
        return answer.json()

    def test_a_clients_own_identity_never_reaches_the_registry(self):
        headers = self.reached(self.pull_token(), {name: "root" for name in CLAIMED})

        self.assertNotIn("root", [value for _, value in headers])
        self.assertEqual([value for name, value in headers if name.lower() == "x-auth-request-user"], ["alice"])
        self.assertEqual([value for name, value in headers if name.lower() == "x-auth-request-groups"], ["-"])

    def test_headers_spelled_with_underscores_never_reach_the_registry(self):
        headers = self.reached(self.pull_token(), {"X_Auth_Request_User": "root"})

        self.assertNotIn("root", [value for _, value in headers])

    def test_the_registry_sees_no_token(self):
        headers = self.reached(self.pull_token())

        self.assertNotIn("authorization", [name.lower() for name, _ in headers])

    def test_an_identity_with_odd_characters_arrives_encoded(self):
        token = self.pull_token(subject="a b%ü", claim='groups=["x,admins", "y"]')

        headers = {name.lower(): value for name, value in self.reached(token)}

        self.assertEqual(headers["x-auth-request-user"], "a%20b%25%C3%BC")
        self.assertEqual(headers["x-auth-request-groups"], "x%2Cadmins,y")

    def test_an_identity_with_a_line_end_is_refused(self):
        answer = self.stack.ask("GET", "/v2/team/app/manifests/latest", self.pull_token(subject="a\r\nX-Admin: 1"))

        self.assertEqual((answer.status, self.stack.reason_of(answer)), (401, "claim_invalid"))

    def test_error_bodies_come_back(self):
        for method, path, status, code in [("GET", "/v2/team/app/tags/list", 401, "UNAUTHORIZED"), ("GET", "/v2/team%2fapp/tags/list", 403, "NAME_INVALID"),
                                           ("GET", "/v2/team/app/unknown", 403, "UNSUPPORTED")]:
            with self.subTest(path):
                answer = self.stack.ask(method, path)

                self.assertEqual((answer.status, answer.error_code), (status, code))
                self.assertEqual(answer.one("Content-Type"), "application/json")
                self.assertEqual(answer.one("Cache-Control"), "no-store")
                self.assertEqual(answer.one("Docker-Distribution-Api-Version"), "registry/2.0")

    def test_a_body_is_json_whatever_the_path_ends_in(self):
        answer = self.stack.ask("GET", "/v2/team/app/manifests/1.0.html")

        self.assertEqual((answer.status, answer.one("Content-Type")), (401, "application/json"))

    def test_paths_that_two_could_read_differently_are_refused(self):
        token = self.pull_token()
        for path in ["/v2/team%2Fapp/manifests/latest", "/v2/pub%2F..%2Fteam/app/manifests/latest", "/v2/team/../team/app/manifests/latest",
                     "/v2//team/app/manifests/latest", "/x/../v2/team/app/manifests/latest", "/v2/team/app/manifests/late%73t",
                     "/v2/team/app/manifests/latest;a=b", "/v2/team/./app/manifests/latest", "/v2/team/app\\x/manifests/latest"]:
            with self.subTest(path):
                answer = self.stack.ask("GET", path, token)

                self.assertEqual((answer.status, self.stack.reason_of(answer)), (403, "path_not_canonical"))

    def test_an_encoded_query_key_is_refused(self):
        token = self.stack.mint("k1", "repository:team/app:pull,push")
        digest = "sha256:" + "0" * 64

        answer = self.stack.ask("POST", f"/v2/team/app/blobs/uploads/?mount={digest}&%66rom=team/secret", token)

        self.assertEqual((answer.status, self.stack.reason_of(answer)), (403, "query_malformed"))

    def test_an_unknown_method_is_refused(self):
        answer = self.stack.ask("FOO", "/v2/team/app/manifests/latest", self.pull_token())

        self.assertEqual((answer.status, self.stack.reason_of(answer)), (403, "method_not_allowed"))

    def test_a_method_override_is_ignored(self):
        answer = self.stack.ask("DELETE", "/v2/team/app/manifests/latest", self.pull_token(), {"X-HTTP-Method-Override": "GET", "X-Original-Method": "GET"})

        self.assertEqual((answer.status, self.stack.reason_of(answer)), (401, "scope_insufficient"))

    def test_a_clients_own_original_uri_is_ignored(self):
        answer = self.stack.ask("GET", "/v2/team/secret/manifests/latest", self.pull_token(),
                                {"X-Original-URI": "/v2/team/app/manifests/latest", "X-Original-URL": "http://x/v2/team/app/manifests/latest"})

        self.assertEqual((answer.status, self.stack.reason_of(answer)), (401, "scope_insufficient"))

    def test_two_credentials_are_refused(self):
        token = self.pull_token()

        answer = self.stack.ask("GET", "/v2/team/app/manifests/latest", None, list(wire.bearer(token).items()) * 2)

        self.assertIn(answer.status, (400, 401))  # nginx 1.22 answers 400 by itself

    def test_a_token_of_almost_16_kib_passes_and_a_longer_one_does_not(self):
        # The token's length is that of its parts in base64url, so the claim that fills it is measured.
        def token(filling):
            return self.pull_token(claim='x="%s"' % ("a" * filling))

        filling = 1000
        filling += (16384 - len(token(filling))) * 3 // 4 - 3
        fits, too_large = token(filling), token(filling + 12)
        self.assertLessEqual(len(fits), 16384)
        self.assertGreater(len(too_large), 16384)

        allowed = self.stack.ask("GET", "/v2/team/app/manifests/latest", fits)
        refused = self.stack.ask("GET", "/v2/team/app/manifests/latest", too_large)

        self.assertEqual(allowed.status, 200)
        self.assertEqual((refused.status, self.stack.reason_of(refused)), (401, "token_too_large"))

    def test_a_clients_body_does_not_reach_the_gate(self):
        token = self.stack.mint("k1", "repository:team/other:pull,push")
        sent = b"5\r\nhello\r\n0\r\n\r\n"
        head = f"POST /v2/team/app/blobs/uploads/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\nAuthorization: Bearer {token}\r\n\r\n"

        answer = wire.send_raw(self.stack.front, head.encode() + sent)

        self.assertEqual((answer.status, self.stack.reason_of(answer)), (401, "scope_insufficient"))

    def test_the_questions_of_nginx_cannot_be_asked_from_outside(self):
        self.assertEqual(self.stack.ask("GET", "/_portcullis").status, 404)
        self.assertEqual(self.stack.ask("GET", "/auth").status, 404)


class BehindNginxOverTcp(BehindNginx):
    site = "portcullis-tcp.conf"

    @classmethod
    def prepare(cls, stack):
        marker = os.urandom(32).hex()
        stack.canaries.add(marker)
        (stack.folder / "marker.secret").write_text(marker + "\n")
        (stack.folder / "portcullis-marker.conf").write_text(f'proxy_set_header X-Portcullis-Marker "{marker}";\n')
        (stack.folder / "portcullis-marker.conf").rename(stack.folder / "marker-for-nginx.secret")
        (stack.folder / "portcullis-marker.conf").symlink_to("marker-for-nginx.secret")
        stack.config = json.loads((EXAMPLES / "nginx/gate-tcp.json").read_text())
        stack.config["portcullis"]["proxy"]["markerFile"] = "marker.secret"
        stack.config["portcullis"]["tokens"]["claimMapping"] = {"username": "claims.sub", "groups": "claims.?groups.orValue([])"}
        stack.start_gate(listen=("127.0.0.1:0",))

    def test_without_the_marker_the_gate_says_nothing(self):
        for headers in ({}, {"X-Portcullis-Marker": "0" * 64}):
            with self.subTest(headers):
                answer = wire.request(self.stack.gate_addresses[0], "GET", "/auth",
                                      {**headers, **wire.bearer(self.pull_token()), "X-Original-URI": "/v2/", "X-Original-Method": "GET"})

                self.assertEqual((answer.status, self.stack.reason_of(answer)), (403, "marker_wrong"))


class WithoutKeys(unittest.TestCase):
    def test_while_no_keys_are_loaded_clients_are_told_to_come_back(self):
        with Stack() as stack:
            stack.make_key("k1")
            token = stack.mint("k1", "repository:team/app:pull")
            good = stack.keys_file.read_text()
            stack.keys_file.write_text("garbage")
            stack.start_gate()
            stack.start_nginx(upstream="127.0.0.1:1")

            answer = stack.ask("GET", "/v2/team/app/manifests/latest", token)

            self.assertEqual((answer.status, answer.error_code), (503, "UNAVAILABLE"))
            self.assertTrue(int(answer.one("Retry-After")) > 0)
            self.assertEqual(answer.all("WWW-Authenticate"), [])
            self.assertEqual(stack.reason_of(answer), "keys_not_loaded")
            self.assertEqual(stack.ready().status, 503)

            stack.keys_file.write_text(good)

            wait_until(lambda: stack.ready().status == 200, "the keys are loaded once the file is good")
            # The registry behind is not there: nginx got past the gate.
            self.assertEqual(stack.ask("GET", "/v2/team/app/manifests/latest", token).status, 502)

    def test_where_the_gate_is_gone_nothing_passes(self):
        with Stack() as stack:
            stack.make_key("k1")
            stack.start_gate()
            stack.start_nginx(upstream="127.0.0.1:1")
            stack.gate.send(signal.SIGTERM)
            wait_until(lambda: not stack.gate.is_running(), "the gate ends")
            stack.admin = None

            answer = stack.ask("GET", "/v2/team/app/manifests/latest", stack.mint("k1", "repository:team/app:pull"))

            self.assertEqual((answer.status, answer.error_code), (503, "UNAVAILABLE"))
            self.assertEqual(answer.one("Retry-After"), "5")


if __name__ == "__main__":
    unittest.main()
