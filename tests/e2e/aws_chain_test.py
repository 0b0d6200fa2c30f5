#!/usr/bin/env python3
"""Our credential chain and that of AWS's own command line, given the same environment and files, find the same keys or the same identity."""
import hashlib
import json
import re
import shlex
import shutil
import socket
import string
import unittest

from fake_cloud import ACCOUNT, BINARY, REGION, ROOT, FakeCloud, Issuer, User, random_text, role_arn

EXTERNAL_ID = "portcullis-42"
READER = role_arn("reader")
START_URL = "https://portcullis.awsapps.example/start"


class CredentialChain(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cloud = cls.enterClassContext(FakeCloud())
        cls.issuer = Issuer(cls.cloud.folder)
        cls.tokens = []  # of web identities
        cls.cloud.world["providers"] = [cls.issuer.provider]
        cls.cloud.world["containers"] = [{"path": "/v2/credentials/task", "role": "node"}, {"path": "/v1/credentials", "role": "node", "token": "pod-token"}]
        cls.cloud.world["metadata"] = {"role": "node"}
        cls.login = random_text(string.ascii_letters, 40)
        cls.cloud.world["portal"] = [{"token": cls.login, "role": "node"}]
        cls.cloud.world["roles"] = [
            {"name": "reader", "trust": [{"principals": [cls.cloud.alice.arn], "externalId": EXTERNAL_ID}, {"principals": [role_arn("node")]}]},
            {"name": "portcullis-keys", "account": "444455556666", "trust": [{"principals": [role_arn("node")], "externalId": "portcullis-42"}]},
            {"name": "second", "trust": [{"principals": [READER]}]},
            {"name": "node", "trust": [{"principals": ["*"]}]},
            {"name": "pod", "trust": [{"provider": cls.issuer.provider["url"], "subjects": ["system:serviceaccount:registry:*"]}]},
        ]
        cls.cloud.start(tls=True)
        alice = cls.cloud.alice
        cls.static = f"aws_access_key_id = {alice.key_id}\naws_secret_access_key = {alice.secret}\n"

    def setUp(self):
        self.files()

    def identity_token(self):
        self.tokens.append(self.issuer.mint())
        return self.cloud.write("identity.token", self.tokens[-1])

    def files(self, config: str = "", credentials: str = ""):
        self.cloud.write("config", config)
        self.cloud.write("credentials", credentials)

    def ours(self, *words: str, environment: dict):
        """By AWS's own host names, as awscli: through the tunnel, trusting its bundle."""
        done = self.cloud.portcullis("aws", *words, environment={**self.cloud.behind_tunnel(), "AWS_ENDPOINT_URL": "", **environment})
        shown = done.stderr + ("" if words[0] == "credentials" and "--json" in words else done.stdout)
        for secret in (*self.cloud.secrets(), self.login, "pod-token", *self.tokens):
            self.assertNotIn(secret, shown)
        return done

    def theirs(self, *words: str, environment: dict):
        return self.cloud.aws(*words, environment={**self.cloud.behind_tunnel(), "AWS_STS_REGIONAL_ENDPOINTS": "regional", **environment}, endpoint=False)

    def same_keys(self, environment: dict):
        ours = self.ours("credentials", "--json", environment=environment)
        theirs = self.theirs("configure", "export-credentials", "--format", "process", environment=environment)
        self.assertEqual(ours.returncode, 0, ours.stderr)
        self.assertEqual(theirs.returncode, 0, theirs.stderr)
        self.assertEqual(json.loads(ours.stdout), json.loads(theirs.stdout))

    def same_identity(self, environment: dict, ending: str):
        ours = self.ours("whoami", "--json", environment=environment)
        theirs = self.theirs("sts", "get-caller-identity", environment=environment)
        self.assertEqual(ours.returncode, 0, ours.stderr)
        self.assertEqual(theirs.returncode, 0, theirs.stderr)
        for answer in (json.loads(ours.stdout), json.loads(theirs.stdout)):
            self.assertEqual(answer["Account"], ACCOUNT)
            self.assertIn(f":assumed-role/{ending}", answer["Arn"])
        return ours

    def same_session_keys(self, environment: dict, role: str):
        """Of a role: each asks for a session of its own, or is given the same one, as the source does it. All else is equal, and both are accepted."""
        ours = self.ours("credentials", "--json", environment=environment)
        theirs = self.theirs("configure", "export-credentials", "--format", "process", environment=environment)
        self.assertEqual(ours.returncode, 0, ours.stderr)
        self.assertEqual(theirs.returncode, 0, theirs.stderr)
        ours, theirs = json.loads(ours.stdout), json.loads(theirs.stdout)
        self.assertIn(ours.pop("AccountId", ACCOUNT), ACCOUNT, "which Debian's awscli does not know yet")
        self.assertEqual(sorted(ours), sorted(theirs))
        for keys in (ours, theirs):
            self.assertEqual(keys["Version"], 1)
            self.assertTrue(keys["AccessKeyId"].startswith("ASIA"), keys["AccessKeyId"])
            self.assertRegex(keys["Expiration"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|\+00:00)$")
        used = {"AWS_ACCESS_KEY_ID": ours["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": ours["SecretAccessKey"], "AWS_SESSION_TOKEN": ours["SessionToken"]}
        there = self.theirs("sts", "get-caller-identity", environment=used)
        self.assertIn(f":assumed-role/{role}/", there.stdout, there.stderr)

    def both_refuse(self, environment: dict, words: str):
        ours = self.ours("credentials", "--json", environment=environment)
        theirs = self.theirs("configure", "export-credentials", "--format", "process", environment=environment)
        self.assertNotEqual(ours.returncode, 0)
        self.assertNotEqual(theirs.returncode, 0)
        self.assertEqual(ours.stdout, "")
        self.assertIn("failed to load AWS configuration: ", ours.stderr)
        self.assertIn(words, ours.stderr)
        self.assertNotIn(self.cloud.alice.secret, ours.stderr)

    # Keys as they stand.

    def test_keys_of_the_environment(self):
        self.same_keys(self.cloud.alice.environment)
        self.same_keys({**self.cloud.alice.environment, "AWS_SESSION_TOKEN": "a-session-token"})

    def test_keys_of_profiles(self):
        for config, credentials, environment in (("", "[default]\n" + self.static, {}), ("[default]\n" + self.static, "", {}),
                                                 ("[profile dev]\n" + self.static, "", {"AWS_PROFILE": "dev"}),
                                                 ("[default]\naws_access_key_id = OLD\naws_secret_access_key = OLD\n", "[default]\n" + self.static, {})):
            with self.subTest(config=config, credentials=credentials):
                self.files(config, credentials)
                self.same_keys(environment)

    def test_a_process(self):
        said = {"Version": 1, "AccessKeyId": "AKIDPROCESS", "SecretAccessKey": "s", "SessionToken": "t"}
        self.cloud.write("said.json", json.dumps(said))
        self.files(f"[default]\ncredential_process = cat {self.cloud.folder}/said.json\n")
        self.same_keys({})
        self.cloud.write("said.json", json.dumps({**said, "Expiration": "2020-01-01T00:00:00Z"}))
        self.both_refuse({}, "expired at 2020-01-01T00:00:00")

    def test_we_can_be_a_process_for_others(self):
        self.files(f"[default]\ncredential_process = cat {self.cloud.folder}/ours.json\n")
        ours = self.ours("credentials", "--json", environment=self.cloud.alice.environment)
        self.cloud.write("ours.json", ours.stdout)
        there = json.loads(self.theirs("sts", "get-caller-identity", environment={}).stdout)
        self.assertEqual(there["Arn"], self.cloud.alice.arn)

    def test_every_source_gives_what_it_gives_to_aws_own_command_line(self):
        token = self.identity_token()
        shutil.rmtree(self.cloud.folder / ".aws", ignore_errors=True)
        self.sign_in()
        base = "[base]\n" + self.static
        role = f"role_arn = {READER}\nexternal_id = {EXTERNAL_ID}\nrole_session_name = row\n"
        uri = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": self.cloud.endpoint + "/v2/credentials/task"}
        pod = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": self.cloud.endpoint + "/v1/credentials", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "pod-token"}
        instance = {"AWS_EC2_METADATA_DISABLED": "false", "AWS_EC2_METADATA_SERVICE_ENDPOINT": self.cloud.endpoint + "/"}
        web = {"AWS_WEB_IDENTITY_TOKEN_FILE": str(token), "AWS_ROLE_ARN": role_arn("pod"), "AWS_ROLE_SESSION_NAME": "row"}
        process = f"credential_process = sh -c {shlex.quote('cat ' + str(self.cloud.folder / 'session.json'))}\n"
        given = self.theirs("sts", "assume-role", "--role-arn", READER, "--external-id", EXTERNAL_ID, "--role-session-name", "row",
                            environment=self.cloud.alice.environment)
        session = {name: value for name, value in json.loads(given.stdout)["Credentials"].items()}
        self.cloud.write("session.json", json.dumps({"Version": 1, **session}))
        rows = {
            "source_profile": (f"[default]\nsource_profile = base\n{role}", base, {}, "reader"),
            "credential_source Environment": (f"[default]\ncredential_source = Environment\n{role}", "", self.cloud.alice.environment, None),
            "credential_source EcsContainer": (f"[default]\ncredential_source = EcsContainer\nrole_arn = {READER}\n", "", uri, "reader"),
            "credential_source Ec2InstanceMetadata": (f"[default]\ncredential_source = Ec2InstanceMetadata\nrole_arn = {READER}\n", "", instance, "reader"),
            "web identity of the environment": ("", "", web, "pod"),
            "web identity of a profile": (f"[default]\nrole_arn = {role_arn('pod')}\nweb_identity_token_file = {token}\n", "", {}, "pod"),
            "process": ("[default]\n" + process, "", {}, "reader"),
            "sso-session": (f"[default]\nsso_session = corp\nsso_account_id = {ACCOUNT}\nsso_role_name = node\n"
                            f"[sso-session corp]\nsso_region = {REGION}\nsso_start_url = {START_URL}\n", "", {}, "node"),
            "sso of the older form": (f"[default]\nsso_start_url = {START_URL}\nsso_region = {REGION}\nsso_account_id = {ACCOUNT}\nsso_role_name = node\n",
                                      "", {}, "node"),
            "container": ("", "", uri, "node"),
            "pod": ("", "", pod, "node"),
            "instance": ("", "", instance, "node"),
        }
        for name, (config, credentials, environment, role_name) in rows.items():
            with self.subTest(name):
                self.files(config, credentials)
                if role_name:
                    self.same_session_keys(environment, role_name)
                else:
                    self.same_keys(environment)  # the keys of the environment win over the profile, in both

    def sign_in(self):
        """What `aws sso login` leaves in its cache: a file for each name under which the session may be looked for."""
        cache = self.cloud.folder / ".aws/sso/cache"
        cache.mkdir(parents=True)
        for name in ("corp", START_URL):
            said = {"startUrl": START_URL, "region": REGION, "accessToken": self.login, "expiresAt": "2099-01-01T00:00:00Z"}
            (cache / (hashlib.sha1(name.encode()).hexdigest() + ".json")).write_text(json.dumps(said))

    def test_a_login_that_is_over_is_told_with_what_to_run(self):
        shutil.rmtree(self.cloud.folder / ".aws", ignore_errors=True)
        self.files(f"[default]\nsso_start_url = {START_URL}\nsso_region = {REGION}\nsso_account_id = {ACCOUNT}\nsso_role_name = node\n")
        self.both_refuse({}, "run `aws sso login`")
        self.sign_in()
        for path in (self.cloud.folder / ".aws/sso/cache").iterdir():
            path.write_text(path.read_text().replace(self.login, "another-token-that-nobody-has"))
        self.both_refuse({}, "UnauthorizedException")
        self.sign_in_with_another_role()
        self.both_refuse({}, "ForbiddenException")

    def sign_in_with_another_role(self):
        shutil.rmtree(self.cloud.folder / ".aws")
        self.sign_in()
        self.files(f"[default]\nsso_start_url = {START_URL}\nsso_region = {REGION}\nsso_account_id = {ACCOUNT}\nsso_role_name = reader\n")

    # Roles.

    def test_a_role_with_its_external_id_and_another_on_top(self):
        self.files(f"[profile one]\nrole_arn = {READER}\nsource_profile = base\nexternal_id = {EXTERNAL_ID}\nrole_session_name = first\n"
                   f"[profile two]\nrole_arn = {role_arn('second')}\nsource_profile = one\nrole_session_name = top\n", "[base]\n" + self.static)
        self.same_identity({"AWS_PROFILE": "one"}, "reader/first")
        self.same_identity({"AWS_PROFILE": "two"}, "second/top")

    def test_a_wrong_external_id_is_told_with_what_to_look_at(self):
        self.files(f"[default]\nrole_arn = {READER}\nsource_profile = base\nexternal_id = wrong-one\n", "[base]\n" + self.static)
        self.both_refuse({}, "AccessDenied (HTTP 403)")
        self.both_refuse({}, "trust policy")

    def test_a_web_identity(self):
        token = self.identity_token()
        variables = {"AWS_WEB_IDENTITY_TOKEN_FILE": str(token), "AWS_ROLE_ARN": role_arn("pod"), "AWS_ROLE_SESSION_NAME": "irsa"}
        self.same_identity(variables, "pod/irsa")
        self.files(f"[default]\nrole_arn = {role_arn('pod')}\nweb_identity_token_file = {token}\nrole_session_name = filed\n")
        self.same_identity({}, "pod/filed")

    # Machines.

    def test_containers_and_instances(self):
        instance = {"AWS_EC2_METADATA_DISABLED": "false", "AWS_EC2_METADATA_SERVICE_ENDPOINT": self.cloud.endpoint + "/"}
        for environment in ({"AWS_CONTAINER_CREDENTIALS_FULL_URI": self.cloud.endpoint + "/v2/credentials/task"},
                            {"AWS_CONTAINER_CREDENTIALS_FULL_URI": self.cloud.endpoint + "/v1/credentials", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "pod-token"},
                            instance):
            with self.subTest(environment):
                self.same_identity(environment, "node/")
        self.files(f"[default]\nrole_arn = {READER}\ncredential_source = Ec2InstanceMetadata\nrole_session_name = top\n")
        self.same_identity(instance, "reader/top")

    def test_a_pod_identity_token_file_with_a_line_end(self):
        path = self.cloud.write("pod.token", "pod-token\n")
        found = self.ours("whoami", "--json", environment={"AWS_CONTAINER_CREDENTIALS_FULL_URI": self.cloud.endpoint + "/v1/credentials",
                                                           "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(path)})
        self.assertIn(":assumed-role/node/", found.stdout, found.stderr)

    # The page for users.

    def test_the_commands_and_profiles_of_the_page_work_as_they_stand_there(self):
        page = (ROOT / "docs/aws.md").read_text()
        (first, *_), profiles = re.findall(r"```console\n(.*?)```", page, re.DOTALL), re.findall(r"```ini\n(.*?)```", page, re.DOTALL)
        container = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": self.cloud.endpoint + "/v2/credentials/task"}
        commands = [line.removeprefix("$ portcullis aws ").split("#")[0].split() for line in first.splitlines()]
        self.assertGreater(len(commands), 2)
        for words in commands:
            with self.subTest(words):
                done = self.ours(*words, environment=container)
                self.assertEqual(done.returncode, 0, done.stderr)
        across, as_process = profiles
        self.files(across)
        there = self.ours("whoami", "--json", "--profile", "keys", environment=container)
        self.assertEqual(json.loads(there.stdout)["Account"], "444455556666", there.stderr)
        # What stands there for other tools: awscli runs us, and we assume the role.
        self.files(across + as_process.replace("/usr/bin/portcullis", str(BINARY)))
        theirs = self.theirs("sts", "get-caller-identity", "--profile", "from-portcullis", environment=container)
        self.assertIn(":assumed-role/portcullis-keys/", theirs.stdout, theirs.stderr)

    # What cannot be.

    def test_what_both_refuse(self):
        for config, words in (("[default]\naws_access_key_id = A\n", "partial credentials found"), (f"[default]\nrole_arn = {READER}\n", "D-4"),
                              (f"[default]\nrole_arn = {READER}\nsource_profile = b\n[profile b]\nrole_arn = {READER}\nsource_profile = default\n", "in a circle"),
                              (f"[default]\nrole_arn = {READER}\nsource_profile = gone\n", "profile gone does not exist"), ("", "no source of credentials is left")):
            with self.subTest(config):
                self.files(config)
                self.both_refuse({}, words)
        self.both_refuse({"AWS_PROFILE": "gone"}, "failed to get shared config profile, gone")

    def test_an_absent_instance_service_is_given_up_and_said_once(self):
        # Within a second, as tests/aws/instance_test.cc adds up; here nobody knows how busy the machine is.
        with socket.create_server(("127.0.0.1", 0)) as silent:
            found = self.ours("credentials", environment={"AWS_EC2_METADATA_DISABLED": "false",
                                                          "AWS_EC2_METADATA_SERVICE_ENDPOINT": f"http://127.0.0.1:{silent.getsockname()[1]}"})
        self.assertEqual(found.returncode, 1)
        self.assertEqual(found.stderr.count("instance metadata: failed after"), 1, found.stderr)

    def test_no_secret_is_shown_but_where_it_was_asked_for(self):
        self.files(f"[default]\nrole_arn = {READER}\nsource_profile = base\nexternal_id = {EXTERNAL_ID}\n", "[base]\n" + self.static)
        shown = self.ours("credentials", "--explain", environment={})
        self.assertEqual(shown.returncode, 0, shown.stderr)
        self.assertIn("profile default", shown.stdout)
        self.assertNotIn(self.cloud.alice.secret, shown.stdout + shown.stderr)
        wrong = self.ours("whoami", environment={**self.cloud.alice.environment, "AWS_SECRET_ACCESS_KEY": User("mallory").secret})
        self.assertEqual(wrong.returncode, 1)
        self.assertIn("SignatureDoesNotMatch", wrong.stderr)


if __name__ == "__main__":
    unittest.main()
