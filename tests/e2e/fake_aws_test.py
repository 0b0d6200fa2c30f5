#!/usr/bin/env python3
"""The cloud of the tests behaves as AWS towards AWS's own command line: it serves good credentials, and refuses wrong ones with AWS's codes."""
import json
import unittest

from fake_cloud import ACCOUNT, BINARY, CLOUD, REGION, ROOT, FakeCloud, Issuer, User, role_arn
from processes import run

QUICKSTART = """
set -euo pipefail
for part in terminal quickstart_stack quickstart_aws; do . "$root/scripts/$part.sh"; done
trap stop_aws EXIT
start_aws
show() { aws_cli secretsmanager get-secret-value --secret-id portcullis/keys --query SecretString --output text; }
printf one >"$world/one.json" && create_keys_secret "$world/one.json" && show
printf two >"$world/two.json" && rotate_keys_secret "$world/two.json" && show
roll_back_keys_secret && show
(use_aws && "$binary" aws whoami) | grep -o 'user/.*'
"""
EXTERNAL_ID = "portcullis-42"
READER = role_arn("reader")


class AwsCommandLine(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cloud = cls.enterClassContext(FakeCloud())
        cls.issuer = Issuer(cls.cloud.folder)
        cls.cloud.world["providers"] = [cls.issuer.provider]
        cls.cloud.world["containers"] = [{"path": "/v2/credentials/task", "role": "node"}, {"path": "/v1/credentials", "role": "node", "token": "pod-token"}]
        cls.cloud.world["metadata"] = {"role": "node"}
        cls.cloud.world["roles"] = [
            {"name": "reader", "maxSessionDuration": 7200, "trust": [{"principals": [cls.cloud.alice.arn], "externalId": EXTERNAL_ID}]},
            {"name": "second", "maxSessionDuration": 7200, "trust": [{"principals": [READER]}]},
            {"name": "node", "trust": [{"principals": ["*"]}]},
            {"name": "pod", "trust": [{"provider": cls.issuer.provider["url"], "subjects": ["system:serviceaccount:registry:*"]}]},
        ]
        cls.cloud.start(tls=True)
        cls.keys = cls.cloud.alice.environment

    def good(self, *words: str, environment: dict = None, **options):
        answer = self.cloud.aws(*words, environment=self.keys if environment is None else environment, **options)
        self.assertEqual(answer.returncode, 0, answer.stderr)
        return json.loads(answer.stdout or "null")

    def refused(self, code: str, *words: str, environment: dict = None, **options) -> str:
        """The message that the client shows."""
        answer = self.cloud.aws(*words, environment=self.keys if environment is None else environment, **options)
        self.assertNotEqual(answer.returncode, 0, answer.stdout)
        self.assertIn(f"({code})", answer.stderr)
        return answer.stderr

    def session(self, *words: str) -> dict:
        """The environment of a session of the reader."""
        made = self.good("sts", "assume-role", "--role-arn", READER, "--role-session-name", "me", "--external-id", EXTERNAL_ID, *words)["Credentials"]
        return {"AWS_ACCESS_KEY_ID": made["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": made["SecretAccessKey"], "AWS_SESSION_TOKEN": made["SessionToken"]}

    # Secrets Manager.

    def value(self, secret: str, *words: str) -> str:
        return self.good("secretsmanager", "get-secret-value", "--secret-id", secret, *words)["SecretString"]

    def test_a_secret_is_created_rotated_and_rolled_back(self):
        first = self.good("secretsmanager", "create-secret", "--name", "portcullis/keys", "--secret-string", "one")
        self.assertRegex(first["ARN"], f"^arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:portcullis/keys-[A-Za-z0-9]{{6}}$")
        second = self.good("secretsmanager", "put-secret-value", "--secret-id", "portcullis/keys", "--secret-string", "two")
        self.assertEqual(second["VersionStages"], ["AWSCURRENT"])

        self.assertEqual(self.value(first["ARN"]), "two")
        self.assertEqual(self.value(first["ARN"][:-7], "--version-stage", "AWSPREVIOUS"), "one")
        self.good("secretsmanager", "update-secret-version-stage", "--secret-id", "portcullis/keys", "--version-stage", "AWSCURRENT", "--move-to-version-id",
                  first["VersionId"], "--remove-from-version-id", second["VersionId"])

        self.assertEqual(self.value("portcullis/keys"), "one")
        described = self.good("secretsmanager", "describe-secret", "--secret-id", "portcullis/keys")
        self.assertEqual(described["VersionIdsToStages"], {first["VersionId"]: ["AWSCURRENT"], second["VersionId"]: ["AWSPREVIOUS"]})

    def test_a_pending_version_is_current_once_its_label_moves(self):
        self.good("secretsmanager", "create-secret", "--name", "pending", "--secret-string", "old")
        new = self.good("secretsmanager", "put-secret-value", "--secret-id", "pending", "--secret-string", "new", "--version-stages", "AWSPENDING")
        self.assertEqual([self.value("pending"), self.value("pending", "--version-stage", "AWSPENDING")], ["old", "new"])

        message = self.refused("InvalidParameterException", "secretsmanager", "update-secret-version-stage", "--secret-id", "pending", "--version-stage",
                               "AWSCURRENT", "--move-to-version-id", new["VersionId"])

        self.assertIn("RemoveFromVersionId", message)
        self.assertEqual(self.value("pending"), "old")

    def test_what_is_not_there_and_what_is_deleted_are_told_apart(self):
        self.good("secretsmanager", "create-secret", "--name", "doomed", "--secret-string", "x")
        self.refused("ResourceExistsException", "secretsmanager", "create-secret", "--name", "doomed", "--secret-string", "x")
        self.refused("ResourceNotFoundException", "secretsmanager", "get-secret-value", "--secret-id", "doomed", "--version-stage", "AWSPENDING")
        self.good("secretsmanager", "delete-secret", "--secret-id", "doomed", "--recovery-window-in-days", "7")

        self.refused("InvalidRequestException", "secretsmanager", "get-secret-value", "--secret-id", "doomed")
        self.refused("ResourceNotFoundException", "secretsmanager", "get-secret-value", "--secret-id", "never")

    # Who signs.

    def test_a_wrong_secret_key_is_a_wrong_signature(self):
        wrong = {**self.keys, "AWS_SECRET_ACCESS_KEY": User("mallory").secret}

        self.refused("SignatureDoesNotMatch", "sts", "get-caller-identity", environment=wrong)
        self.refused("InvalidSignatureException", "secretsmanager", "get-secret-value", "--secret-id", "any", environment=wrong)

    def test_an_unknown_key_is_an_invalid_token(self):
        stranger = User("stranger").environment

        self.refused("InvalidClientTokenId", "sts", "get-caller-identity", environment=stranger)
        self.refused("UnrecognizedClientException", "ecr", "get-authorization-token", environment=stranger)

    def test_a_wrong_region_is_refused(self):
        self.assertIn("valid region", self.refused("SignatureDoesNotMatch", "--region", "us-east-1", "sts", "get-caller-identity"))
        self.refused("InvalidSignatureException", "--region", "us-east-1", "secretsmanager", "get-secret-value", "--secret-id", "any")

    def test_five_minutes_are_forgiven_and_ten_are_not(self):
        self.addCleanup(self.cloud.control, clockOffsetSeconds=0)
        for offset, text in ((600, "Signature expired"), (-600, "Signature not yet current")):
            self.cloud.control(clockOffsetSeconds=offset)
            self.assertIn(text, self.refused("SignatureDoesNotMatch", "sts", "get-caller-identity"))
            self.assertIn(text, self.refused("InvalidSignatureException", "secretsmanager", "get-secret-value", "--secret-id", "any"))
        self.cloud.control(clockOffsetSeconds=240)
        self.good("sts", "get-caller-identity")

    # Roles.

    def test_a_role_wants_its_external_id(self):
        asked = ("sts", "assume-role", "--role-arn", READER, "--role-session-name", "me")

        self.refused("AccessDenied", *asked)
        self.refused("AccessDenied", *asked, "--external-id", "portcullis-43")
        self.assertEqual(self.good("sts", "get-caller-identity", environment=self.session())["Arn"], f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/me")

    def test_a_session_needs_its_own_token_and_ends(self):
        session = self.session()
        self.refused("InvalidClientTokenId", "sts", "get-caller-identity", environment={**session, "AWS_SESSION_TOKEN": "other"})
        self.good("sts", "get-caller-identity", environment=session)

        self.cloud.control(expire="reader")

        self.refused("ExpiredToken", "sts", "get-caller-identity", environment=session)
        self.refused("ExpiredTokenException", "secretsmanager", "get-secret-value", "--secret-id", "any", environment=session)

    def test_a_chained_role_lasts_an_hour_at_most(self):
        asked = ("sts", "assume-role", "--role-arn", role_arn("second"), "--role-session-name", "me", "--duration-seconds")
        session = self.session("--duration-seconds", "7200")

        self.assertIn("role chaining", self.refused("ValidationError", *asked, "3601", environment=session))
        self.good(*asked, "3600", environment=session)
        self.refused("AccessDenied", *asked, "3600")

    def test_a_revoked_trust_ends_new_sessions_and_no_old_ones(self):
        session = self.session()
        self.addCleanup(self.cloud.control, role={"name": "reader", "trust": self.cloud.world["roles"][0]["trust"]})

        self.cloud.control(role={"name": "reader", "trust": []})

        self.refused("AccessDenied", "sts", "assume-role", "--role-arn", READER, "--role-session-name", "me", "--external-id", EXTERNAL_ID)
        self.good("sts", "get-caller-identity", environment=session)

    def test_registries_give_passwords(self):
        private = self.good("ecr", "get-authorization-token")["authorizationData"]
        public = self.good("--region", "us-east-1", "ecr-public", "get-authorization-token")["authorizationData"]

        self.assertEqual(private[0]["proxyEndpoint"], f"https://{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com")
        self.assertTrue(public["authorizationToken"].startswith("QVdTO"), "AWS: in base64")

    # Real credentials files, and the client's own chain: it reaches STS by AWS's host name.

    def profiles(self, external_id: str):
        alice = self.cloud.alice
        self.cloud.write("credentials", f"[base]\naws_access_key_id = {alice.key_id}\naws_secret_access_key = {alice.secret}\n")
        self.cloud.write("config", f"[profile cross]\nrole_arn = {READER}\nsource_profile = base\nexternal_id = {external_id}\nrole_session_name = cli\n"
                         f"region = {REGION}\nsts_regional_endpoints = regional\n")

    def test_a_profile_assumes_its_role(self):
        self.profiles(EXTERNAL_ID)
        there = self.good("--profile", "cross", "sts", "get-caller-identity", environment=self.cloud.behind_tunnel(), endpoint=False)

        self.assertEqual(there["Arn"], f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/cli")
        self.assertIn(f"sts.{REGION}.amazonaws.com:443", self.cloud.tunnel.asked)
        self.profiles("wrong-one")
        self.refused("AccessDenied", "--profile", "cross", "sts", "get-caller-identity", environment=self.cloud.behind_tunnel(), endpoint=False)

    def test_a_web_identity_becomes_a_session(self):
        self.cloud.write("identity.token", self.issuer.mint())
        given = {**self.cloud.behind_tunnel(), "AWS_WEB_IDENTITY_TOKEN_FILE": str(self.cloud.folder / "identity.token"), "AWS_ROLE_ARN": role_arn("pod"),
                 "AWS_ROLE_SESSION_NAME": "irsa", "AWS_STS_REGIONAL_ENDPOINTS": "regional"}

        self.assertEqual(self.good("sts", "get-caller-identity", environment=given, endpoint=False)["Arn"], f"arn:aws:sts::{ACCOUNT}:assumed-role/pod/irsa")
        self.cloud.write("identity.token", Issuer(self.cloud.folder, "mallory").mint())
        # Another session name: awscli keeps the first session in a cache.
        self.refused("InvalidIdentityToken", "sts", "get-caller-identity", environment={**given, "AWS_ROLE_SESSION_NAME": "irsa-2"}, endpoint=False)

    def test_machines_get_their_role(self):
        for given in ({"AWS_EC2_METADATA_DISABLED": "false", "AWS_EC2_METADATA_SERVICE_ENDPOINT": self.cloud.endpoint + "/"},
                      {"AWS_CONTAINER_CREDENTIALS_FULL_URI": self.cloud.endpoint + "/v2/credentials/task"},
                      {"AWS_CONTAINER_CREDENTIALS_FULL_URI": self.cloud.endpoint + "/v1/credentials", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "pod-token"}):
            with self.subTest(given):
                self.assertIn(":assumed-role/node/", self.good("sts", "get-caller-identity", environment=given)["Arn"])

        given["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "another"
        answer = self.cloud.aws("sts", "get-caller-identity", environment=given)
        self.assertNotEqual(answer.returncode, 0, "a wrong pod token gives nothing")

    # Our own client agrees.

    def test_portcullis_knows_who_it_is(self):
        answer = self.cloud.portcullis("aws", "whoami", "--json", environment=self.keys)
        self.assertEqual(answer.returncode, 0, answer.stderr)
        self.assertIn(self.cloud.alice.arn, answer.stdout)

        wrong = self.cloud.portcullis("aws", "whoami", environment={**self.keys, "AWS_SECRET_ACCESS_KEY": User("mallory").secret})
        self.assertEqual(wrong.returncode, 1, wrong.stdout)
        self.assertIn("SignatureDoesNotMatch", wrong.stdout + wrong.stderr)

    def test_the_quickstart_creates_rotates_and_rolls_back_its_secret(self):
        world = self.cloud.folder / "quickstart"
        world.mkdir()
        done = run(["bash", "-c", QUICKSTART], world, env=self.cloud.clean(root=str(ROOT), world=str(world), binary=str(BINARY), fake_aws=str(CLOUD)))

        self.assertEqual((done.returncode, done.stdout.split()), (0, ["one", "two", "one", "user/quickstart"]), done.stderr)


if __name__ == "__main__":
    unittest.main()
