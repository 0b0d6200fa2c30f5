#!/usr/bin/env python3
"""The gate behind other proxies: Caddy for real; Traefik and Envoy by their example files, whose questions are asked as those proxies ask them."""
import pathlib
import unittest

import yaml

from stack import EXAMPLES, Stack
import wire


class BehindCaddy(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = Stack().__enter__()
        cls.addClassCleanup(lambda: cls.stack.__exit__(None, None, None))
        cls.stack.make_key("k1")
        cls.stack.start_registry()
        cls.stack.start_gate()
        cls.stack.start_caddy()

    def token(self, *access):
        return self.stack.mint("k1", *access)

    def test_an_image_goes_in_and_comes_out(self):
        image, digest = self.stack.image()

        pushed = self.stack.push("team/app", self.token("repository:team/app:pull,push"), image)
        pulled, folder = self.stack.pull("team/app", self.token("repository:team/app:pull"))

        self.assertEqual((pushed.returncode, pushed.stderr), (0, ""))
        self.assertEqual((pulled.returncode, pulled.stderr), (0, ""))
        self.assertTrue((pathlib.Path(folder) / "blobs" / digest.replace(":", "/")).exists())

    def test_the_gates_whole_answer_reaches_the_client(self):
        answer = self.stack.ask("GET", "/v2/team/app/manifests/latest")

        self.assertEqual((answer.status, answer.error_code), (401, "UNAUTHORIZED"))
        self.assertIn('scope="repository:team/app:pull"', answer.one("WWW-Authenticate"))

    def test_a_pull_token_pushes_nothing(self):
        before = self.stack.stored_files()

        answer = self.stack.ask("PUT", "/v2/team/app/manifests/latest", self.token("repository:team/app:pull"), body=b"{}")

        self.assertEqual((answer.status, self.stack.reason_of(answer)), (401, "scope_insufficient"))
        self.assertEqual(self.stack.stored_files(), before)

    def test_an_encoded_slash_is_refused(self):
        answer = self.stack.ask("GET", "/v2/team%2fapp/manifests/latest", self.token("repository:team/app:pull"))

        self.assertEqual((answer.status, self.stack.reason_of(answer)), (403, "path_not_canonical"))

    def test_a_clients_own_method_and_uri_are_overwritten(self):
        answer = self.stack.ask("DELETE", "/v2/team/secret/manifests/latest", self.token("repository:team/app:pull"),
                                {"X-Forwarded-Method": "GET", "X-Forwarded-Uri": "/v2/team/app/manifests/latest", "X-Original-URI": "/v2/"})

        self.assertEqual((answer.status, self.stack.reason_of(answer)), (401, "scope_insufficient"))
        self.assertIn('scope="repository:team/secret:delete"', answer.one("WWW-Authenticate"))


class Replayed(unittest.TestCase):
    """A gate over TCP that trusts loopback, and the questions that a proxy's example makes it ask."""

    @classmethod
    def setUpClass(cls):
        cls.stack = Stack().__enter__()
        cls.addClassCleanup(lambda: cls.stack.__exit__(None, None, None))
        cls.stack.make_key("k1")
        cls.stack.start_gate("--trust", "127.0.0.1/32", listen=("127.0.0.1:0",))
        cls.gate = cls.stack.gate_addresses[0]
        cls.token = cls.stack.mint("k1", "repository:team/app:pull")

    def check(self, ask):
        """`ask(method, uri, headers)` puts the question of the proxy whose client sent that."""
        path = "/v2/team/app/manifests/latest"
        allowed = ask("GET", path, wire.bearer(self.token))
        self.assertEqual(allowed.status, 200)
        no_token = ask("GET", path, {})
        self.assertEqual((no_token.status, no_token.error_code), (401, "UNAUTHORIZED"))
        push = ask("PUT", path, wire.bearer(self.token))
        self.assertEqual((push.status, self.stack.reason_of(push)), (401, "scope_insufficient"))
        odd = ask("GET", "/v2/team%2fapp/manifests/latest", wire.bearer(self.token))
        self.assertEqual((odd.status, self.stack.reason_of(odd)), (403, "path_not_canonical"))
        return allowed

    def test_traefiks_example(self):
        static = yaml.safe_load((EXAMPLES / "traefik/traefik.yml").read_text())
        dynamic = yaml.safe_load((EXAMPLES / "traefik/dynamic.yml").read_text())["http"]
        self.assertEqual(static["providers"]["file"]["filename"], "dynamic.yml")
        router = dynamic["routers"]["registry"]
        self.assertTrue(set(router["entryPoints"]) <= set(static["entryPoints"]))
        self.assertEqual(set(router["middlewares"]), set(dynamic["middlewares"]))
        self.assertIn(router["service"], dynamic["services"])
        order = router["middlewares"]
        self.assertLess(order.index("clear-identity"), order.index("portcullis"))
        self.assertLess(order.index("portcullis"), order.index("clear-token"))
        question = dynamic["middlewares"]["portcullis"]["forwardAuth"]
        self.assertFalse(question["trustForwardHeader"])
        path = question["address"].removeprefix("http://127.0.0.1:9180")

        def ask(method, uri, headers):
            sent = {name: value for name, value in headers.items() if name in question["authRequestHeaders"]}
            sent |= {"X-Forwarded-Method": method, "X-Forwarded-Proto": "http", "X-Forwarded-Host": "registry.example.com", "X-Forwarded-Uri": uri,
                     "X-Forwarded-For": "192.0.2.1"}
            return wire.request(self.gate, "GET", path, sent)

        allowed = self.check(ask)
        for name in question["authResponseHeaders"]:
            self.assertEqual(len(allowed.all(name)), 1, name)
            self.assertIn(name, dynamic["middlewares"]["clear-identity"]["headers"]["customRequestHeaders"])

    def test_envoys_example(self):
        document = yaml.safe_load((EXAMPLES / "envoy/envoy.yaml").read_text())["static_resources"]
        manager = document["listeners"][0]["filter_chains"][0]["filters"][0]["typed_config"]
        filters = {entry["name"]: entry["typed_config"] for entry in manager["http_filters"]}
        self.assertEqual(list(filters), ["envoy.filters.http.ext_authz", "envoy.filters.http.router"])
        self.assertFalse(manager["normalize_path"] or manager["merge_slashes"])
        question = filters["envoy.filters.http.ext_authz"]
        self.assertFalse(question["failure_mode_allow"])
        service = question["http_service"]
        clusters = {cluster["name"] for cluster in document["clusters"]}
        self.assertIn(service["server_uri"]["cluster"], clusters)
        passed = {pattern["exact"] for pattern in service["authorization_request"]["allowed_headers"]["patterns"]}

        def ask(method, uri, headers):
            sent = {name: value for name, value in headers.items() if name.lower() in passed}
            sent |= {"X-Forwarded-For": "192.0.2.1", "X-Envoy-Internal": "true", "X-Envoy-Expected-Rq-Timeout-Ms": "5000"}
            return wire.request(self.gate, method, service["path_prefix"] + uri, sent, host="registry.example.com")

        allowed = self.check(ask)
        for pattern in service["authorization_response"]["allowed_upstream_headers"]["patterns"]:
            self.assertEqual(len(allowed.all(pattern["exact"])), 1, pattern)
        to_client = {pattern["exact"] for pattern in service["authorization_response"]["allowed_client_headers"]["patterns"]}
        self.assertTrue({"www-authenticate", "content-type", "x-portcullis-id"} <= to_client)


if __name__ == "__main__":
    unittest.main()
