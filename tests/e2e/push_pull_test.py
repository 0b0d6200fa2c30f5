#!/usr/bin/env python3
"""An image is pushed and pulled through nginx with a token of every kind, and what a token does not grant is not done."""
import hashlib
import pathlib
import unittest

from stack import Stack, REALM, SERVICE
import wire

ALGORITHMS = ["EdDSA", "RS256", "PS256", "ES256", "ES384", "ES512"]
CHALLENGE = f'Bearer realm="{REALM}",service="{SERVICE}"'


class PushAndPull(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = Stack().__enter__()
        cls.addClassCleanup(cls.leave)
        for algorithm in ALGORITHMS:
            cls.stack.make_key(algorithm.lower(), algorithm)
        cls.stack.start_registry()
        cls.stack.start_gate()
        cls.stack.start_nginx()

    @classmethod
    def leave(cls):
        cls.stack.__exit__(None, None, None)

    def token(self, *access, key="eddsa", **options):
        return self.stack.mint(key, *access, **options)

    def push(self, repository: str, text: str = "Hello.\n") -> str:
        """Pushes an image of its own and returns the manifest's digest."""
        image, digest = self.stack.image(text)
        done = self.stack.push(repository, self.token(f"repository:{repository}:pull,push"), image)
        self.assertEqual(done.returncode, 0, done.stderr)
        return digest

    def layer_of(self, repository: str, token: str) -> dict:
        answer = self.stack.ask("GET", f"/v2/{repository}/manifests/latest", token, {"Accept": "application/vnd.oci.image.manifest.v1+json"})
        self.assertEqual(answer.status, 200, answer)
        return answer.json()["layers"][0]

    def test_an_image_goes_in_and_comes_out_with_each_algorithm(self):
        for algorithm in ALGORITHMS:
            with self.subTest(algorithm):
                key, repository = algorithm.lower(), f"algorithm/{algorithm.lower()}"
                image, digest = self.stack.image(f"Signed with {algorithm}.\n")

                pushed = self.stack.push(repository, self.token(f"repository:{repository}:pull,push", key=key, algorithm=algorithm), image)
                pulled, folder = self.stack.pull(repository, self.token(f"repository:{repository}:pull", key=key, algorithm=algorithm))

                self.assertEqual((pushed.returncode, pushed.stderr), (0, ""))
                self.assertEqual((pulled.returncode, pulled.stderr), (0, ""))
                blob = pathlib.Path("blobs", *digest.split(":"))
                self.assertEqual((pathlib.Path(folder) / blob).read_bytes(), (pathlib.Path(image) / blob).read_bytes())

    def test_no_token_gets_the_exact_challenge(self):
        answer = self.stack.ask("GET", "/v2/team/app/manifests/latest")

        self.assertEqual(answer.status, 401)
        self.assertEqual(answer.one("WWW-Authenticate"), CHALLENGE + ',scope="repository:team/app:pull"')
        self.assertEqual(answer.error_code, "UNAUTHORIZED")
        self.assertEqual(self.stack.reason_of(answer), "token_missing")

    def test_the_base_route_gets_a_challenge_with_an_empty_scope(self):
        answer = self.stack.ask("GET", "/v2/")

        self.assertEqual(answer.one("WWW-Authenticate"), CHALLENGE + ',scope=""')

    def test_any_good_token_opens_the_base_route(self):
        self.assertEqual(self.stack.ask("GET", "/v2/", self.token()).status, 200)

    def test_a_push_without_a_token_is_asked_for_pull_and_push(self):
        answer = self.stack.ask("POST", "/v2/team/app/blobs/uploads/")

        self.assertEqual(answer.one("WWW-Authenticate"), CHALLENGE + ',scope="repository:team/app:pull,push"')

    def test_a_token_for_another_repository_has_insufficient_scope(self):
        answer = self.stack.ask("GET", "/v2/team/app/manifests/latest", self.token("repository:team/other:pull,push"))

        self.assertEqual(answer.status, 401)
        challenge = answer.one("WWW-Authenticate")
        self.assertTrue(challenge.startswith(CHALLENGE + ',scope="repository:team/app:pull",error="insufficient_scope",error_description="'), challenge)
        self.assertEqual(self.stack.reason_of(answer), "scope_insufficient")

    def test_an_expired_token_is_invalid(self):
        token = self.token("repository:team/app:pull", at=wire.unix_now() - 3600, expires="15m")

        answer = self.stack.ask("GET", "/v2/team/app/manifests/latest", token)

        self.assertEqual(answer.status, 401)
        self.assertIn(',scope="repository:team/app:pull",error="invalid_token",error_description="', answer.one("WWW-Authenticate"))
        self.assertEqual(self.stack.reason_of(answer), "token_expired")

    def test_a_pull_token_pushes_nothing(self):
        self.push("team/guarded")
        before = self.stack.stored_files()
        token = self.token("repository:team/guarded:pull")
        image, _ = self.stack.image("Never to be stored.\n")

        done = self.stack.push("team/guarded", token, image)
        answer = self.stack.ask("PUT", "/v2/team/guarded/manifests/latest", token, {"Content-Type": "application/vnd.oci.image.manifest.v1+json"}, b"{}")

        self.assertNotEqual(done.returncode, 0)
        self.assertEqual((answer.status, self.stack.reason_of(answer)), (401, "scope_insufficient"))
        self.assertEqual(self.stack.stored_files(), before)

    def test_deleting_needs_the_right_to_delete(self):
        digest = self.push("team/gone", "Soon gone.\n")
        path = f"/v2/team/gone/manifests/{digest}"

        refused = self.stack.ask("DELETE", path, self.token("repository:team/gone:pull,push"))
        deleted = self.stack.ask("DELETE", path, self.token("repository:team/gone:delete"))

        self.assertEqual((refused.status, deleted.status), (401, 202))

    def test_a_chunked_upload_with_the_registrys_own_state_passes(self):
        token = self.token("repository:team/chunks:pull,push")
        chunks = [b"first chunk, ", b"second chunk"]
        started = self.stack.ask("POST", "/v2/team/chunks/blobs/uploads/", token)
        self.assertEqual(started.status, 202, started)
        location, sent = started.one("Location"), 0
        for chunk in chunks:
            path = self.path_of(location)
            self.assertIn("_state=", path)
            answer = self.stack.ask("PATCH", path, token, {"Content-Type": "application/octet-stream",
                                                          "Content-Range": f"{sent}-{sent + len(chunk) - 1}"}, chunk)
            self.assertEqual(answer.status, 202, answer)
            location, sent = answer.one("Location"), sent + len(chunk)
        digest = "sha256:" + hashlib.sha256(b"".join(chunks)).hexdigest()

        finished = self.stack.ask("PUT", f"{self.path_of(location)}&digest={digest}", token)
        read = self.stack.ask("GET", f"/v2/team/chunks/blobs/{digest}", token)

        self.assertEqual(finished.status, 201, finished)
        self.assertEqual(read.body, b"".join(chunks))

    def path_of(self, location: str) -> str:
        """The registry's Location points back at the front that the client spoke to."""
        start = f"http://{self.stack.front}"
        self.assertTrue(location.startswith(start), location)
        return location[len(start):]

    def test_a_mount_needs_a_right_on_its_source(self):
        self.push("team/source", "To be mounted.\n")
        digest = self.layer_of("team/source", self.token("repository:team/source:pull"))["digest"]
        path = f"/v2/team/target/blobs/uploads/?mount={digest}&from=team/source"
        before = self.stack.stored_files()

        refused = self.stack.ask("POST", path, self.token("repository:team/target:pull,push"))

        self.assertEqual((refused.status, self.stack.reason_of(refused)), (401, "mount_source_denied"))
        self.assertIn('scope="repository:team/target:pull,push repository:team/source:pull"', refused.one("WWW-Authenticate"))
        self.assertEqual(self.stack.stored_files(), before)

        mounted = self.stack.ask("POST", path, self.token("repository:team/target:pull,push", "repository:team/source:pull"))

        self.assertEqual(mounted.status, 201, mounted)

    def test_a_head_request_is_answered_without_a_body(self):
        answer = self.stack.ask("HEAD", "/v2/team/app/manifests/latest")

        self.assertEqual((answer.status, answer.body), (401, b""))
        self.assertEqual(len(answer.all("WWW-Authenticate")), 1)

    def test_the_catalog_needs_its_own_scope(self):
        refused = self.stack.ask("GET", "/v2/_catalog", self.token("repository:team/app:pull"))
        allowed = self.stack.ask("GET", "/v2/_catalog", self.token("registry:catalog:*"))

        self.assertEqual((refused.status, allowed.status), (401, 200))
        self.assertIn('scope="registry:catalog:*"', refused.one("WWW-Authenticate"))


if __name__ == "__main__":
    unittest.main()
