#!/usr/bin/env python3
"""A registry that wants credentials, behind nginx and the gate: clients have a token alone, and the gate logs in for them as ECR has it."""
import json
import os
import string
import threading
import unittest
import warnings

from fake_cloud import ACCOUNT, REGION, FakeCloud, random_text, role_arn
from processes import wait_until
from stack import EXAMPLES, Stack, replaced
import wire

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import crypt  # bcrypt for htpasswd, by the C library

HOST = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
EXAMPLE_HOST = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
EXTERNAL_ID = "7b3c8f6e-0c0a-4d52-9d6f-0a7d3b1d8f4e"
MANIFEST = "/v2/team/app/manifests/latest"
ACCEPT = {"Accept": "application/vnd.oci.image.manifest.v1+json"}
PULL, PUSH = "repository:team/app:pull", "repository:team/app:pull,push"


class BrokerStack(Stack):
    """nginx with examples/ecr/, docker-registry with htpasswd in the place of ECR, and a cloud whose ECR gives out the password."""

    def __init__(self, cloud: FakeCloud):
        super().__init__()
        self.cloud = cloud
        self.canaries.add(cloud.alice.secret)
        self.config = json.loads((EXAMPLES / "ecr/gate.json").read_text().replace(EXAMPLE_HOST, HOST))
        self.broker["registries"][HOST]["assumeRoleArn"] = role_arn("pull")
        self.gate_environment = cloud.clean(**cloud.alice.environment, AWS_ENDPOINT_URL=cloud.endpoint, AWS_SESSION_TOKEN="", AWS_PROFILE="",
                                            AWS_ROLE_ARN="", AWS_WEB_IDENTITY_TOKEN_FILE="")
        self.password = None

    @property
    def broker(self) -> dict:
        return self.config["portcullis"]["broker"]

    def check_secrecy(self):
        for secret in self.cloud.secrets():
            self.canaries.add(secret)
        super().check_secrecy()

    def new_password(self, where: str = "both"):
        """What ECR gives out from now on, and what the registry takes."""
        password = random_text(string.ascii_letters + string.digits, 60)
        self.canaries.add(password)
        if where in ("both", "cloud"):
            self.cloud.control(ecrPassword=password)
        if where in ("both", "registry"):
            hashed = crypt.crypt(password, crypt.mksalt(crypt.METHOD_BLOWFISH, rounds=16)).replace("$2b$", "$2y$", 1)
            (self.folder / "htpasswd.new").write_text(f"AWS:{hashed}\n")
            os.replace(self.folder / "htpasswd.new", self.folder / "htpasswd")
        self.password = password

    def begin(self):
        self.make_key("k1")
        self.new_password()
        self.start_registry()
        self.start_gate()
        text = replaced((EXAMPLES / "ecr/portcullis.conf").read_text(), {
            f"proxy_pass https://{EXAMPLE_HOST}": f"proxy_pass http://{self.registry}", "unix:/run/portcullis/ecr.sock": f"unix:{self.folder}/ecr.sock",
            f"proxy_redirect https://{EXAMPLE_HOST}/ /": f"proxy_redirect http://{HOST}/ /", EXAMPLE_HOST: HOST})
        self.start_nginx(text=text)

    def start_registry(self):
        """examples/registry/config.yml with passwords, which the example does not have."""
        storage = self.folder / "storage"
        storage.mkdir()
        config = replaced((EXAMPLES / "registry/config.yml").read_text(), {"/var/lib/docker-registry": str(storage), "127.0.0.1:5000": "127.0.0.1:0"})
        (self.folder / "registry.yml").write_text(config + f"auth:\n  htpasswd:\n    realm: ecr\n    path: {self.folder}/htpasswd\n")
        process = self.start("registry", ["docker-registry", "serve", "registry.yml"])

        def address():
            found = [line for line in process.output().splitlines() if '"msg":"listening on ' in line]
            return found and json.loads(found[0])["msg"].split()[-1]

        self.registry = process.wait_until(address, "docker-registry says where it listens")

    def start_nginx(self, site: str = "portcullis.conf", upstream: str = None, text: str = None):
        super().start_nginx(text=text + "\n# 127.0.0.1:5000\n", upstream=self.registry)

    def refused_by_registry(self) -> int:
        """How often the registry said 401."""
        return self.process("registry").output().count('"http.response.status":401')

    def logged(self, words: str) -> list:
        return [line for line in self.log() if words in json.dumps(line)]

    def logins(self) -> tuple:
        """AssumeRole and GetAuthorizationToken, as the cloud counted them."""
        return self.cloud.calls("AssumeRole"), self.cloud.calls("GetAuthorizationToken")


class BehindNginx(unittest.TestCase):
    def setUp(self):
        self.cloud = self.enterContext(FakeCloud())
        self.cloud.world["users"][0]["allow"] = ["sts:*"]
        self.cloud.world["roles"] = [{"name": "pull", "trust": [{"principals": [self.cloud.alice.arn], "externalId": EXTERNAL_ID}],
                                      "allow": ["ecr:GetAuthorizationToken"]}]
        self.cloud.start()
        self.stack = BrokerStack(self.cloud).__enter__()
        self.addCleanup(lambda: self.stack.__exit__(None, None, None))

    def begin_with_image(self):
        self.stack.begin()
        image, _ = self.stack.image()
        pushed = self.stack.push("team/app", self.stack.mint("k1", PUSH), image)
        self.assertEqual(pushed.returncode, 0, pushed.stderr)

    def pull(self) -> int:
        done, _ = self.stack.pull("team/app", self.stack.mint("k1", PULL))
        return done.returncode

    def test_a_client_with_a_token_alone_pushes_and_pulls(self):
        self.begin_with_image()

        self.assertEqual(self.pull(), 0)

        self.assertEqual(self.stack.logins(), (1, 1))
        self.assertEqual(self.stack.refused_by_registry(), 0)
        self.assertTrue(self.stack.logged('"role assumed"'))
        self.assertEqual(self.stack.metric('portcullis_broker_logins_total{kind="ecr",method="role",result="success"}'), 1)
        self.assertGreater(self.stack.metric('portcullis_broker_cache_requests_total{result="hit"}'), 5)

    def test_a_clients_own_headers_never_reach_the_registry(self):
        self.begin_with_image()
        token = self.stack.mint("k1", PULL)

        answer = self.stack.ask("GET", MANIFEST, token, {"X-Registry-Authorization": "Basic QVdTOmV2aWw=", **ACCEPT})

        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(self.stack.refused_by_registry(), 0)

    def test_who_has_no_token_gets_the_gates_challenge_and_no_other(self):
        self.begin_with_image()

        answer = self.stack.ask("GET", MANIFEST)

        self.assertEqual(answer.status, 401)
        self.assertTrue(answer.one("WWW-Authenticate").startswith("Bearer realm="), answer)

    def test_a_wrong_external_id_is_503_with_advice_and_never_an_anonymous_request(self):
        self.stack.broker["registries"][HOST]["externalId"] = "somebody-elses"
        self.stack.begin()

        answer = self.stack.ask("GET", MANIFEST, self.stack.mint("k1", PULL))

        self.assertEqual((answer.status, answer.error_code), (503, "UNAVAILABLE"), answer)
        self.assertEqual(answer.all("WWW-Authenticate"), [])
        self.assertEqual(self.stack.reason_of(answer), "credentials_unavailable")
        line = self.stack.logged("login to a registry failed")[0]
        for words in ("AccessDenied", "trust policy", role_arn("pull"), REGION, HOST):
            self.assertIn(words, json.dumps(line))
        self.assertNotIn("http.request", self.stack.process("registry").output())
        self.assertEqual(self.stack.logins(), (1, 0), "a denial is not repeated")

        # The operator mends it, and nobody has to restart anything.
        self.stack.broker["registries"][HOST]["externalId"] = EXTERNAL_ID
        self.stack.write_config()
        self.stack.reload()
        wait_until(lambda: self.stack.ask("GET", MANIFEST, self.stack.mint("k1", PULL)).status == 404, "the registry is asked")

    def test_a_login_that_the_registry_refuses_is_503_without_its_challenge(self):
        self.begin_with_image()
        self.stack.new_password(where="registry")

        answer = self.stack.ask("GET", MANIFEST, self.stack.mint("k1", PULL), ACCEPT)

        self.assertEqual((answer.status, answer.error_code), (503, "UNAVAILABLE"), answer)
        self.assertEqual(answer.all("WWW-Authenticate"), [])
        self.assertEqual(answer.all("Retry-After"), ["5"])

    def test_logins_are_renewed_ahead_during_a_pull_that_outlives_them(self):
        self.begin_with_image()
        # From now on passwords live for five minutes and two seconds, of which the gate uses two.
        self.cloud.control(ecrPasswordSeconds=302)
        self.assertEqual(self.stack.gate.stop(), 0)
        self.stack.gate.out.write_text("")
        self.stack.launch_gate()
        token = self.stack.mint("k1", PULL)
        statuses = []
        before = self.cloud.calls("GetAuthorizationToken")

        def outlived():
            statuses.append(self.stack.ask("GET", MANIFEST, token, ACCEPT).status)
            return self.cloud.calls("GetAuthorizationToken") >= before + 4

        wait_until(outlived, "four logins")

        self.assertEqual(set(statuses), {200})
        self.assertEqual(self.stack.metric('portcullis_broker_cache_requests_total{result="miss"}'), 1, "nobody ever waited but the first")

    def test_sts_may_be_down_while_a_login_is_good(self):
        self.begin_with_image()
        self.cloud.fault("sts", 503)
        self.cloud.fault("ecr", 503)

        self.assertEqual(self.pull(), 0)

    def test_many_callers_on_a_cold_role_are_one_login(self):
        self.stack.begin()
        token = self.stack.mint("k1", PULL)
        statuses = []

        def ask():
            statuses.append(self.stack.ask("GET", MANIFEST, token).status)

        callers = [threading.Thread(target=ask) for _ in range(50)]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join()

        self.assertEqual(set(statuses), {404})
        self.assertEqual(self.stack.logins(), (1, 1))

    def test_traefik_gets_the_login_under_the_name_that_it_can_copy(self):
        self.stack.begin()
        question = {"X-Forwarded-Method": "GET", "X-Forwarded-Uri": MANIFEST, **wire.bearer(self.stack.mint("k1", PULL))}

        answer = wire.request(self.stack.gate_addresses[0], "GET", "/forward", question)

        self.assertEqual(answer.status, 200, answer)
        self.assertTrue(answer.one("Authorization").startswith("Basic QVdTO"), answer)
        self.assertEqual(answer.all("X-Registry-Authorization"), [])

    def test_envoy_gets_it_as_a_header_of_its_own(self):
        self.stack.begin()

        answer = wire.request(self.stack.gate_addresses[0], "GET", "/envoy" + MANIFEST, wire.bearer(self.stack.mint("k1", PULL)))

        self.assertEqual(answer.status, 200, answer)
        self.assertTrue(answer.one("X-Registry-Authorization").startswith("Basic QVdTO"), answer)

    def test_a_repository_without_a_route_carries_no_login(self):
        self.stack.broker["routes"] = [{"repositories": "team/**", "registry": HOST}]
        self.stack.begin()
        question = {"X-Original-Method": "GET", "X-Original-URI": "/v2/other/app/manifests/latest"}

        answer = wire.request(self.stack.gate_addresses[0], "GET", "/auth", {**question, **wire.bearer(self.stack.mint("k1", "repository:other/app:pull"))})

        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(answer.all("X-Registry-Authorization"), [])
        self.assertEqual(self.stack.logins(), (0, 0))

    def test_the_status_page_tells_of_each_registry(self):
        self.begin_with_image()

        said = wire.request(self.stack.admin, "GET", "/status").json()["broker"]

        self.assertEqual([(one["host"], one["kind"], one["method"], one["lastError"]) for one in said["registries"]], [(HOST, "ecr", "role", None)])
        self.assertEqual(said["cache"]["entries"], 1)


if __name__ == "__main__":
    unittest.main()
