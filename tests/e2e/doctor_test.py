#!/usr/bin/env python3
"""`portcullis doctor` against a cloud: each step of a login, where it fails, AWS's code, what to do, and nothing secret."""
import json
import unittest

from fake_cloud import ACCOUNT, REGION, FakeCloud, User, role_arn
from stack import EXAMPLES, ROOT

HOST = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
EXTERNAL_ID = "7b3c8f6e-0c0a-4d52-9d6f-0a7d3b1d8f4e"
COMPANY = "company.jfrog.io"


class Doctor(unittest.TestCase):
    def setUp(self):
        self.cloud = self.enterContext(FakeCloud())
        alice = self.cloud.alice
        self.cloud.world["users"][0]["allow"] = ["sts:*"]
        self.cloud.world["roles"] = [
            {"name": "pull", "trust": [{"principals": [alice.arn, role_arn("jump")], "externalId": EXTERNAL_ID}], "allow": ["ecr:GetAuthorizationToken"]},
            {"name": "open", "trust": [{"principals": [alice.arn]}], "allow": ["ecr:GetAuthorizationToken"]},
            {"name": "poor", "trust": [{"principals": [alice.arn]}], "allow": ["sts:*"]},
            {"name": "revoked", "trust": [{"principals": [role_arn("somebody-else")], "externalId": EXTERNAL_ID}], "allow": ["ecr:GetAuthorizationToken"]},
            {"name": "jump", "trust": [{"principals": [alice.arn]}], "allow": ["sts:*"]},
            {"name": "app", "maxSessionDuration": 7200, "trust": [{"principals": [alice.arn], "externalId": EXTERNAL_ID}], "allow": ["iam:GetRole"]},
        ]
        self.cloud.world["artifactory"] = {role_arn("app"): "ci-user"}
        for name in ("config", "credentials"):  # a file that AWS's variables name and that is not there is a warning
            self.cloud.write(name, "")
        self.cloud.start()
        made = self.cloud.portcullis("key", "generate", "--alg", "EdDSA", "--id", "k1", "--private", "k1.pem", "--keys", "keys.json")
        self.assertEqual(made.returncode, 0, made.stderr)

    def examine(self, registries: dict, *words: str, environment: dict = None, **broker):
        """Its exit status, and for each step of a part what came of it."""
        whole = {"http": {"auth": {"bearer": {"realm": "https://auth.example.com/token", "service": "registry.example.com"}}},
                 "portcullis": {"keys": {"file": "keys.json"}, "tokens": {"issuers": ["any"], "audiences": ["any"]},
                                "broker": {"registries": registries, **broker}}}
        self.cloud.write("config.json", json.dumps(whole))
        given = self.cloud.alice.environment if environment is None else environment
        done = self.cloud.portcullis("doctor", "config.json", *words, "--json", environment=given)
        for secret in [*self.cloud.secrets(), self.cloud.alice.secret, EXTERNAL_ID, "somebody-elses"]:
            self.assertNotIn(secret, done.stdout + done.stderr)
        self.assertIn(done.returncode, (0, 1), done.stderr)
        said = json.loads(done.stdout)
        self.assertEqual(said["ok"], done.returncode == 0)
        return done.returncode, {(step["part"], step["step"]): step for step in said["steps"]}

    def role(self, name: str = "pull", external_id: str = EXTERNAL_ID) -> dict:
        return {HOST: {"assumeRoleArn": role_arn(name), **({"externalId": external_id} if external_id else {})}}

    def assert_failed(self, step: dict, code: str, *words: str):
        self.assertEqual((step["result"], step["code"]), ("failed", code), step)
        for word in words:
            self.assertIn(word, step["detail"] + step["advice"], step)

    def test_everything_is_well(self):
        status, steps = self.examine(self.role())

        self.assertEqual(status, 0, steps)
        self.assertEqual({step["result"] for step in steps.values()} - {"ok"}, set(), steps)
        for step in ("host name", "credentials", "identity", "role", "external id", "password"):
            self.assertIn((HOST, step), steps)
        self.assertIn(self.cloud.alice.arn, steps[HOST, "identity"]["detail"])
        self.assertIn(("clock", "clock"), steps)

    def test_a_wrong_external_id(self):
        status, steps = self.examine(self.role(external_id="somebody-elses"))

        self.assertEqual(status, 1)
        self.assert_failed(steps[HOST, "role"], "AccessDenied", role_arn("pull"), "with an external id", "to the letter", self.cloud.alice.arn)
        self.assertEqual(steps[HOST, "password"]["result"], "skipped")
        self.assertEqual(self.cloud.calls("AssumeRole"), 1)

    def test_a_trust_that_was_revoked(self):
        status, steps = self.examine(self.role("revoked"))

        self.assertEqual(status, 1)
        self.assert_failed(steps[HOST, "role"], "AccessDenied", role_arn("revoked"), "trust policy", "iam-policy config.json --principal")

    def test_sts_that_is_off_in_the_region(self):
        self.cloud.fault("sts", "region-off", operation="AssumeRole")

        status, steps = self.examine(self.role())

        self.assertEqual(status, 1)
        self.assert_failed(steps[HOST, "role"], "RegionDisabledException", REGION, "activate the region")

    def test_a_jump_role_whose_credentials_have_expired(self):
        status, steps = self.examine(self.role(), jumpRoleArn=role_arn("jump"))
        self.assertEqual(status, 0, steps)
        self.assertIn(role_arn("jump"), steps[HOST, "jump role"]["detail"])

        self.cloud.fault("sts", "expired-token", operation="AssumeRole")
        status, steps = self.examine(self.role(), jumpRoleArn=role_arn("jump"))

        self.assertEqual(status, 1)
        self.assert_failed(steps[HOST, "jump role"], "ExpiredToken", role_arn("jump"), "renew them")
        self.assertNotIn((HOST, "role"), steps)

    def test_a_role_that_wants_no_external_id_is_a_warning(self):
        status, steps = self.examine(self.role("open"))

        self.assertEqual(status, 0, steps)
        self.assertEqual(steps[HOST, "external id"]["result"], "warning")

    def test_a_role_that_may_not_ask_for_a_password(self):
        status, steps = self.examine(self.role("poor", external_id=None))

        self.assertEqual(status, 1)
        self.assert_failed(steps[HOST, "password"], "AccessDeniedException", "ecr:GetAuthorizationToken")

    def test_keys_that_the_cloud_does_not_know(self):
        status, steps = self.examine(self.role(), environment={**self.cloud.alice.environment, "AWS_ACCESS_KEY_ID": User("nobody").key_id})

        self.assertEqual(status, 1)
        self.assert_failed(steps[HOST, "identity"], "InvalidClientTokenId", "aws credentials --explain")

    def test_no_credentials_at_all(self):
        status, steps = self.examine(self.role(), environment={})

        self.assertEqual(status, 1)
        self.assertEqual(steps["AWS", "credential source"]["result"], "failed", steps)

    def test_artifactory(self):
        login = {"url": self.cloud.endpoint, "region": REGION, "assumeRoleArn": role_arn("app"), "externalId": EXTERNAL_ID}

        status, steps = self.examine({COMPANY: {"artifactory": login}, **self.role()}, COMPANY)

        self.assertEqual(status, 0, steps)
        self.assertIn("ci-user", steps[COMPANY, "exchange"]["detail"])
        self.assertNotIn((HOST, "role"), steps, "another registry was named")

        status, steps = self.examine({COMPANY: {"artifactory": {**login, "externalId": "somebody-elses"}}})
        self.assertEqual(status, 1)
        self.assert_failed(steps[COMPANY, "role"], "AccessDenied", "trust policy")

    def test_a_registry_that_is_not_there(self):
        status, steps = self.examine({"127.0.0.1:9": {"username": "ada", "passwordVariable": "HOME"}}, "--reach")

        self.assertEqual(status, 1)
        self.assertEqual(steps["127.0.0.1:9", "password"]["result"], "ok")
        self.assertEqual(steps["127.0.0.1:9", "reach"]["result"], "failed")

    def test_the_examples_of_nginx_have_none_of_the_usual_mistakes(self):
        for name in ("nginx/portcullis.conf", "nginx/portcullis-tcp.conf", "ecr/portcullis.conf"):
            with self.subTest(name):
                status, steps = self.examine(self.role(), "--nginx", str(EXAMPLES / name))

                found = {step["result"] for (part, _), step in steps.items() if part == "nginx"}
                # What a file includes is said not to be read.
                self.assertEqual((status, found - {"skipped"}), (0, {"ok"}), steps)

        mistaken = (EXAMPLES / "nginx/portcullis.conf").read_text().replace("proxy_pass http://registry;", "proxy_pass http://registry/;")
        status, steps = self.examine(self.role(), "--nginx", str(self.cloud.write("mistaken.conf", mistaken)))
        self.assertEqual(status, 1)

    def test_the_five_steps_of_the_page_are_verified_by_it(self):
        page = (ROOT / "docs/ecr-cross-account.md").read_text()
        self.assertIn("$ portcullis doctor config.json\n", page)


if __name__ == "__main__":
    unittest.main()
