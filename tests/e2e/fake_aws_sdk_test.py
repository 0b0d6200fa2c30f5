#!/usr/bin/env python3
"""The cloud of the tests behaves as AWS towards the AWS SDK for JavaScript: with credentials from files, roles, tokens and machines, and through faults."""
import json
import unittest

from fake_cloud import ACCOUNT, REGION, ROOT, FakeCloud, Issuer, User, role_arn
from node_packages import install
from processes import run

EXTERNAL_ID = "portcullis-42"
WHO = {"service": "sts", "command": "GetCallerIdentityCommand"}


def get(secret: str, **more) -> dict:
    return {"service": "secretsmanager", "command": "GetSecretValueCommand", "input": {"SecretId": secret, **more}}


class JavaScript(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.packages = install()
        cls.cloud = cls.enterClassContext(FakeCloud())
        cls.alice = cls.cloud.alice
        cls.issuer = Issuer(cls.cloud.folder)
        cls.cloud.world.update({
            "providers": [cls.issuer.provider],
            "roles": [{"name": "reader", "trust": [{"principals": [cls.alice.arn], "externalId": EXTERNAL_ID}]},
                      {"name": "node", "allow": ["secretsmanager:Get*"]},
                      {"name": "pod", "trust": [{"provider": cls.issuer.provider["url"]}]}],
            "metadata": {"role": "node"},
            "containers": [{"path": "/v1/credentials", "role": "node", "token": "pod-token"}],
            "secrets": [{"name": "portcullis/keys", "value": "given"}],
        })
        cls.cloud.start()

    def setUp(self):
        self.cloud.control(clearFaults=True, clearCalls=True, clockOffsetSeconds=0)
        self.keys_file(self.alice.secret)
        self.cloud.write("config", f"[default]\nregion = {REGION}\n[profile cross]\nrole_arn = {role_arn('reader')}\nsource_profile = default\n"
                         f"external_id = {EXTERNAL_ID}\nrole_session_name = js\nregion = {REGION}\n"
                         f"[profile stranger]\nrole_arn = {role_arn('reader')}\nsource_profile = default\nexternal_id = other\nregion = {REGION}\n")

    def keys_file(self, secret: str):
        self.cloud.write("credentials", f"[default]\naws_access_key_id = {self.alice.key_id}\naws_secret_access_key = {secret}\n")

    def ask(self, *calls: dict, **environment: str) -> list:
        given = self.cloud.clean(SDK_FOLDER=str(self.packages), AWS_ENDPOINT_URL=self.cloud.endpoint, AWS_ENDPOINT_URL_STS=self.cloud.endpoint, **environment)
        made = run(["node", ROOT / "tests/e2e/sdk/calls.js"], self.cloud.folder, env=given, input=json.dumps(calls))
        self.assertEqual(made.returncode, 0, made.stderr)
        return json.loads(made.stdout)

    def value(self, *calls: dict, **environment: str) -> dict:
        """What the last call gave."""
        answer = self.ask(*calls, **environment)[-1]
        self.assertIn("value", answer)
        return answer["value"]

    def error(self, *calls: dict, **environment: str) -> str:
        answer = self.ask(*calls, **environment)[-1]
        self.assertIn("error", answer)
        return answer["error"]["name"]

    # Good credentials.

    def test_a_secret_is_created_rotated_and_read(self):
        create = {"service": "secretsmanager", "command": "CreateSecretCommand", "input": {"Name": "js", "SecretString": "one"}}
        put = {"service": "secretsmanager", "command": "PutSecretValueCommand", "input": {"SecretId": "js", "SecretString": "two"}}

        answers = self.ask(create, put, get("js"), get("js", VersionStage="AWSPREVIOUS"), get("nothing"))

        self.assertEqual([answers[2]["value"]["SecretString"], answers[3]["value"]["SecretString"]], ["two", "one"])
        self.assertEqual(answers[2]["value"]["VersionStages"], ["AWSCURRENT"])
        self.assertEqual((answers[4]["error"]["name"], answers[4]["error"]["status"]), ("ResourceNotFoundException", 400))

    def test_every_source_of_credentials_gives_the_right_identity(self):
        token = self.cloud.write("identity.token", self.issuer.mint())
        sources = {
            self.alice.arn: {},
            f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/js": {"AWS_PROFILE": "cross"},
            f"arn:aws:sts::{ACCOUNT}:assumed-role/pod/irsa": {"AWS_WEB_IDENTITY_TOKEN_FILE": str(token), "AWS_ROLE_ARN": role_arn("pod"),
                                                              "AWS_ROLE_SESSION_NAME": "irsa", "AWS_PROFILE": "none"},
        }
        for arn, environment in sources.items():
            with self.subTest(arn):
                self.assertEqual(self.value(WHO, **environment)["Arn"], arn)

        nothing = {"AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "AWS_CONFIG_FILE": "/dev/null"}
        for machine in ({"AWS_EC2_METADATA_DISABLED": "false", "AWS_EC2_METADATA_SERVICE_ENDPOINT": self.cloud.endpoint},
                        {"AWS_CONTAINER_CREDENTIALS_FULL_URI": self.cloud.endpoint + "/v1/credentials", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "pod-token"}):
            with self.subTest(machine):
                self.assertIn(":assumed-role/node/", self.value(WHO, **nothing, **machine)["Arn"])

    def test_a_role_may_do_what_its_policy_allows(self):
        machine = {"AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "AWS_CONFIG_FILE": "/dev/null", "AWS_EC2_METADATA_DISABLED": "false",
                   "AWS_EC2_METADATA_SERVICE_ENDPOINT": self.cloud.endpoint}
        denied = {"service": "ecr", "command": "GetAuthorizationTokenCommand"}

        answers = self.ask(get("portcullis/keys"), denied, **machine)

        self.assertEqual(answers[0]["value"]["SecretString"], "given")
        self.assertEqual((answers[1]["error"]["name"], "ecr:GetAuthorizationToken" in answers[1]["error"]["message"]), ("AccessDeniedException", True))

    # Wrong ones.

    def test_a_wrong_secret_key_is_refused(self):
        self.keys_file(User("mallory").secret)

        self.assertEqual(self.error(WHO), "SignatureDoesNotMatch")
        self.assertEqual(self.error(get("portcullis/keys")), "InvalidSignatureException")

    def test_a_wrong_region_is_refused(self):
        self.assertEqual(self.error(WHO, AWS_REGION="us-east-1"), "SignatureDoesNotMatch")

    def test_a_wrong_external_id_is_refused(self):
        self.assertEqual(self.error(WHO, AWS_PROFILE="stranger"), "AccessDenied")

    def test_an_expired_token_is_refused(self):
        assume = {"service": "sts", "command": "AssumeRoleCommand",
                  "input": {"RoleArn": role_arn("reader"), "RoleSessionName": "js", "ExternalId": EXTERNAL_ID}}
        made = self.value(assume)["Credentials"]
        session = {"AWS_ACCESS_KEY_ID": made["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": made["SecretAccessKey"], "AWS_SESSION_TOKEN": made["SessionToken"]}
        self.assertIn(":assumed-role/reader/", self.value(WHO, **session)["Arn"])

        self.cloud.control(expire="reader")

        self.assertEqual(self.error(WHO, **session), "ExpiredToken")
        self.assertEqual(self.error(get("portcullis/keys"), **session), "ExpiredTokenException")

    # Weather.

    def test_a_skewed_clock_is_refused_once_and_then_corrected_by_the_date(self):
        self.cloud.control(clockOffsetSeconds=600)

        self.assertEqual(self.error(WHO, AWS_MAX_ATTEMPTS="1"), "SignatureDoesNotMatch")
        self.assertEqual(self.value(WHO)["Arn"], self.alice.arn)

    def test_bad_weather_is_survived(self):
        for word in (503, 500, "throttle", "cut"):
            with self.subTest(word):
                self.cloud.control(clearCalls=True)
                self.cloud.fault("secretsmanager", word, "GetSecretValue", 1)
                self.assertEqual(self.value(get("portcullis/keys"))["SecretString"], "given")
                self.assertEqual(self.cloud.calls("GetSecretValue"), 2)

    def test_a_repeated_creation_is_one(self):
        self.cloud.fault("secretsmanager", "cut", "CreateSecret", 1)
        create = {"service": "secretsmanager", "command": "CreateSecretCommand", "input": {"Name": "once", "SecretString": "one"}}

        self.assertEqual(self.value(create)["VersionId"], self.value(get("once"))["VersionId"])
        self.assertEqual(self.cloud.calls("CreateSecret"), 2)

    def test_a_denial_is_not_repeated(self):
        self.cloud.fault("secretsmanager", "access-denied")

        self.assertEqual(self.error(get("portcullis/keys")), "AccessDeniedException")
        self.assertEqual(self.cloud.calls("GetSecretValue"), 1)

    def test_xml_in_another_order_means_the_same(self):
        self.cloud.fault("sts", "reordered-xml", "AssumeRole")
        self.assertIn(":assumed-role/reader/js", self.value(WHO, AWS_PROFILE="cross")["Arn"])

    def test_xml_that_is_none_is_an_error(self):
        self.cloud.fault("sts", "wrong-xml")
        self.assertTrue(self.error(WHO))


if __name__ == "__main__":
    unittest.main()
