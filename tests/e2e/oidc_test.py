#!/usr/bin/env python3
"""OIDC with a real provider behind TLS: skopeo logs in with its tokens through nginx, keys rotate, issuers die, and bad tokens stay out."""
import base64
import pathlib
import tempfile
import unittest

import wire
from openid import ALGORITHMS, AUDIENCE, DeadIssuer, Provider
from processes import run, wait_until
from stack import Stack

POLICIES = {
    "team/*": {"policies": [{"users": ["ci", "alice"], "actions": ["read", "create", "update"]}]},
    "public/*": {"policies": [{"users": ["ci"], "actions": ["read", "create", "update"]}], "anonymousPolicy": ["read"]},
}
MANIFEST = "/v2/team/app/manifests/latest"


def basic(user: str, password: str) -> dict:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


class Registry(unittest.TestCase):
    """nginx, the registry and a gate that trusts a provider and a traditional key. Subclasses choose the issuers."""

    KEYS = {"refetchCooldown": "1s", "wait": "4s"}

    @classmethod
    def setUpClass(cls):
        if cls is Registry:
            raise unittest.SkipTest("only its subclasses have issuers")
        cls.stack = stack = Stack().__enter__()
        cls.addClassCleanup(lambda: stack.__exit__(None, None, None))
        stack.make_key("k1", "ES256")
        cls.provider = Provider(stack)
        stack.start_registry()
        stack.start_nginx()
        bearer = stack.config["http"]["auth"]["bearer"]
        bearer["realm"] = f"http://{stack.front}/zot/auth/token"
        bearer["oidc"] = cls.issuers()
        stack.config["http"]["accessControl"] = {"repositories": POLICIES}
        stack.config["portcullis"]["keys"] = dict(cls.KEYS)
        stack.start_gate()

    @classmethod
    def issuers(cls) -> list:
        return [cls.provider.entry()]

    def ask(self, token: str = None, uri: str = "/v2/", **more) -> wire.Answer:
        return self.stack.ask("GET", uri, token, **more)

    def assertRefused(self, token: str, *reasons: str):
        answer = self.ask(token)
        self.assertEqual((answer.status, len(answer.all("WWW-Authenticate"))), (401, 1), answer)
        self.assertIn(self.stack.reason_of(answer), reasons)

    def assertAccepted(self, token: str):
        answer = self.ask(token)
        self.assertEqual(answer.status, 200, answer.status != 200 and self.stack.reason_of(answer))

    # skopeo

    def authfile(self) -> pathlib.Path:
        return pathlib.Path(tempfile.mkdtemp(prefix="login.", dir=self.stack.folder)) / "auth.secret"

    def login(self, password: str, authfile: pathlib.Path):
        return run(["skopeo", "login", "--tls-verify=false", "--authfile", authfile, "--username", "job", "--password-stdin", self.stack.front], input=password)

    def copy(self, source: str, target: str, authfile: pathlib.Path):
        return run(["skopeo", "--insecure-policy", "copy", "--src-tls-verify=false", "--dest-tls-verify=false", "--authfile", authfile, source, target])

    def push(self, repository: str, authfile: pathlib.Path):
        image, digest = self.stack.image()
        return self.copy(f"oci:{image}:latest", f"docker://{self.stack.front}/{repository}:latest", authfile), digest

    def pull(self, repository: str, authfile: pathlib.Path):
        folder = tempfile.mkdtemp(prefix="pulled.", dir=self.stack.folder)
        return self.copy(f"docker://{self.stack.front}/{repository}:latest", f"oci:{folder}:latest", authfile), pathlib.Path(folder)


class Workloads(Registry):
    def test_skopeo_logs_in_with_a_token_as_the_password_pushes_and_pulls(self):
        authfile = self.authfile()

        logged_in = self.login(self.provider.token(), authfile)
        pushed, digest = self.push("team/app", authfile)
        pulled, folder = self.pull("team/app", authfile)

        for done in (logged_in, pushed, pulled):
            self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertTrue((folder / "blobs" / digest.replace(":", "/")).exists())

    def test_podman_logs_in_with_a_token_as_the_password(self):
        def login(password: str):
            return run(["podman", "login", "--tls-verify=false", "--authfile", authfile, "--username", "job", "--password-stdin", self.stack.front], input=password)

        authfile = self.authfile()
        good = login(self.provider.token())
        bad = login(self.provider.mint(aud="another.example.com"))

        self.assertEqual((good.returncode, good.stdout), (0, "Login Succeeded!\n"), good.stderr)
        self.assertNotEqual(bad.returncode, 0)

    def test_skopeo_does_not_log_in_with_a_bad_token(self):
        done = self.login(self.provider.mint(aud="another.example.com"), self.authfile())

        self.assertNotEqual(done.returncode, 0)

    def test_what_no_policy_grants_is_not_pushed(self):
        authfile = self.authfile()
        self.login(self.provider.token(), authfile)

        pushed, _ = self.push("other/app", authfile)

        self.assertNotEqual(pushed.returncode, 0)

    def test_skopeo_pulls_without_credentials_what_everybody_may(self):
        authfile, nobody = self.authfile(), self.authfile()
        self.assertEqual(self.login(self.provider.token(), authfile).returncode, 0)
        for repository in ("public/app", "team/private"):
            self.assertEqual(self.push(repository, authfile)[0].returncode, 0)
        nobody.write_text("{}")

        pulled, _ = self.pull("public/app", nobody)
        private, _ = self.pull("team/private", nobody)
        pushed, _ = self.push("public/app", nobody)

        self.assertEqual((pulled.returncode, pulled.stderr), (0, ""))
        self.assertNotEqual(private.returncode, 0)
        self.assertNotEqual(pushed.returncode, 0)

    def test_every_algorithm_of_the_provider_is_good(self):
        for algorithm in ALGORITHMS:
            with self.subTest(algorithm):
                self.assertAccepted(self.provider.token(algorithm))

    def test_a_token_is_good_as_a_basic_password_on_every_request(self):
        token = self.provider.token()
        for scheme in (basic("anybody", token), basic("", token), {"Authorization": "basic  " + basic("x", token)["Authorization"][6:]}):
            self.assertEqual(self.ask(headers=scheme).status, 200)
        wrong = self.ask(headers=basic("anybody", "hunter2"))
        self.assertEqual(wrong.status, 401)
        self.assertTrue(wrong.one("WWW-Authenticate").startswith("Bearer "))

    def test_the_identity_reaches_the_registry(self):
        answer = wire.request(self.stack.gate_addresses[0], "GET", "/auth", {**wire.bearer(self.provider.token()), "X-Original-Method": "GET",
                                                                           "X-Original-URI": "/v2/"})
        self.assertEqual((answer.one("X-Auth-Request-User"), answer.one("X-Auth-Request-Groups")), ("ci", "builders"))

    def test_the_exchange_gives_the_token_back(self):
        token = self.provider.token("ES384")
        answer = self.stack.ask("GET", "/zot/auth/token", headers=basic("job", token))

        self.assertEqual(answer.status, 200)
        self.assertEqual((answer.json()["token"], answer.json()["access_token"]), (token, token))
        self.assertTrue(0 < answer.json()["expires_in"] <= 600)

    def test_a_traditional_token_is_good_beside_it(self):
        self.assertAccepted(self.stack.mint("k1", "repository:team/app:pull"))

    def test_tokens_that_are_not_for_us_are_refused(self):
        bad = {
            "another audience": ({"aud": "another.example.com"}, "audience_mismatch"),
            "no audience": ({"aud": None}, "audience_mismatch"),
            "another issuer": ({"iss": self.provider.issuer + "/"}, "key_unknown"),
            "no issuer": ({"iss": None}, "key_unknown"),
            "no subject": ({"sub": None}, "claim_mapping_failed"),
            "expired": ({"exp": wire.unix_now() - 3600}, "token_expired"),
            "no expiry": ({"exp": None}, "expiry_missing"),
            "not yet": ({"nbf": wire.unix_now() + 3600}, "token_not_yet_valid"),
            "bound to a key": ({"cnf": {"jkt": "x"}}, "sender_constrained"),
        }
        for name, (claims, reason) in bad.items():
            with self.subTest(name):
                self.assertRefused(self.provider.mint(**claims), reason)

    def test_tokens_that_nobody_signed_are_refused(self):
        kid = self.provider.key_id("RS256")
        self.assertRefused(self.provider.mint(header={"alg": "none"}), "alg_not_allowed", "token_malformed", "authorization_malformed")
        self.assertRefused(self.provider.mint(header={"alg": "HS256", "kid": kid}, key="secret", secret="a-secret-that-is-long-enough-for-hs256"),
                           "alg_not_allowed")
        self.assertRefused(self.provider.mint("RS256", key="stranger"), "bad_signature")
        self.assertRefused(self.provider.mint("ES256", key="stranger"), "bad_signature")
        self.assertRefused(self.provider.mint("PS256", header={"alg": "PS256", "kid": kid}), "alg_key_mismatch")


class Rotation(Registry):
    def accepted_soon(self, token: str):
        """A new key is fetched when a token names it, once in a cool-down of a second."""
        wait_until(lambda: self.ask(token).status == 200, "the new key serves")

    def test_a_key_from_before_and_a_key_from_just_now_both_serve(self):
        old = self.provider.token("ES256")
        self.assertAccepted(old)

        self.provider.control("rotate", keep=True)

        self.accepted_soon(self.provider.token("ES256"))
        self.assertAccepted(old)

    def test_a_key_that_is_gone_does_not_serve_any_more(self):
        old = self.provider.mint("EdDSA")
        self.accepted_soon(old)

        self.provider.control("rotate", keep=False)

        self.accepted_soon(self.provider.mint("EdDSA"))
        self.assertRefused(old, "key_unknown")

    def test_a_key_that_nobody_can_read_disturbs_no_other(self):
        for extra in ([{"kty": "unheard-of", "kid": "x"}], [{"kty": "RSA", "kid": "y", "n": "!!", "e": "AQAB"}], [{"kty": "EC", "crv": "P-999", "kid": "z"}], [{}]):
            with self.subTest(extra):
                self.provider.control("show", extra=extra)
                self.provider.control("rotate", keep=False)
                self.accepted_soon(self.provider.mint("PS256"))
        self.provider.control("show", extra=[])

    def test_a_token_without_a_key_id_is_good_where_one_key_fits(self):
        self.provider.control("rotate", keep=False)
        self.accepted_soon(self.provider.mint("ES384"))
        self.assertAccepted(self.provider.mint("ES384", header={"alg": "ES384"}))

        self.provider.control("rotate", keep=True)

        self.accepted_soon(self.provider.mint("ES384"))
        self.assertRefused(self.provider.mint("ES384", header={"alg": "ES384"}), "kid_missing")


class Floods(Registry):
    KEYS = {"refetchCooldown": "1h", "wait": "2s"}

    def test_made_up_key_ids_and_bad_signatures_cost_one_fetch(self):
        self.assertAccepted(self.provider.token())
        before = self.provider.requests("/jwks")

        for number in range(60):
            self.ask(self.provider.mint(header={"alg": "ES256", "kid": f"made-up-{number}"}))
            self.ask(self.provider.mint("ES256", key="stranger"))

        self.assertLessEqual(self.provider.requests("/jwks"), before + 1)
        self.assertAccepted(self.provider.token())


class DeadIssuers(Registry):
    """One issuer never answers, one answers a byte a second; the third and the traditional keys do not notice."""

    @classmethod
    def issuers(cls) -> list:
        cls.black_hole, cls.drip = cls.enterClassContext(DeadIssuer()), cls.enterClassContext(DeadIssuer(drip=True))
        dead = [{"issuer": one.issuer, "audiences": [AUDIENCE]} for one in (cls.black_hole, cls.drip)]
        return [*dead, cls.provider.entry()]

    def test_the_third_and_the_traditional_keys_serve(self):
        for _ in range(10):
            self.assertAccepted(self.provider.token())
            self.assertAccepted(self.stack.mint("k1", "repository:team/app:pull"))
        self.assertTrue(self.black_hole.asked and self.drip.asked)

    def test_tokens_of_the_dead_are_answered_with_come_back_later(self):
        for dead in (self.black_hole, self.drip):
            answer = self.ask(self.provider.mint(iss=dead.issuer))
            self.assertEqual((answer.status, len(answer.all("Retry-After"))), (503, 1))
        self.assertEqual(self.stack.ask("GET", "/zot/auth/token", headers=basic("x", self.provider.mint(iss=self.drip.issuer))).status, 503)

    def test_skopeo_logs_in_all_the_same(self):
        self.assertEqual(self.login(self.provider.token(), self.authfile()).returncode, 0)

    def test_when_the_third_goes_too_its_tokens_are_still_good(self):
        token = self.provider.token("ES512")
        self.assertAccepted(token)
        self.provider.control("show", down=True)
        self.addCleanup(lambda: self.provider.control("show", down=False))

        self.assertAccepted(self.provider.mint("EdDSA"))


if __name__ == "__main__":
    unittest.main()
