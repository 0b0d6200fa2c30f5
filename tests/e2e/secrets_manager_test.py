#!/usr/bin/env python3
"""Keys from AWS Secrets Manager, with the real daemon: AWS comes late, goes away, throttles and lies; keys rotate; and nobody loses a request."""
import base64
import concurrent.futures
import json
import re
import unittest

from fake_cloud import ACCOUNT, REGION, FakeCloud, role_arn
from load import Load
from processes import run, wait_until
from stack import BINARY, Stack
import wire

SECRET = "zot/jwt-verification-keys"
EXTERNAL_ID = "3f2c8a5e-8f0a-4b0e"
QUESTION = {"X-Original-URI": "/v2/team/app/manifests/latest", "X-Original-Method": "GET"}
ACCESS = "repository:team/app:pull"


class CloudStack(Stack):
    """A gate whose keys come over the network: from `cloud`, unless a test says otherwise."""

    def __init__(self, cloud: FakeCloud):
        super().__init__()
        self.cloud = cloud
        self.canaries.add(cloud.alice.secret)
        self.gate_environment = cloud.clean(**cloud.alice.environment, AWS_ENDPOINT_URL_STS=cloud.endpoint, AWS_SESSION_TOKEN="", AWS_PROFILE="",
                                            AWS_ROLE_ARN="", AWS_WEB_IDENTITY_TOKEN_FILE="", AWS_ENDPOINT_URL="")
        self.secret = {"region": REGION, "secretName": SECRET, "endpoint": cloud.endpoint, "refreshInterval": "1s"}
        self.keys = {}
        self.config["portcullis"]["proxy"]["trusted"] = ["127.0.0.1/32"]
        self.public = {}

    def complete_config(self, listen: tuple):
        super().complete_config(listen)
        del self.config["portcullis"]["keys"]["file"]
        self.config["portcullis"]["keys"].update(self.keys)
        if self.secret:
            self.config["http"]["auth"]["bearer"]["awsSecretsManager"] = self.secret

    def new_key(self, key_id: str, algorithm: str = "EdDSA"):
        file = self.folder / f"{key_id}-public.json"
        self.make_key(key_id, algorithm, keys_file=file)
        self.public.update(json.loads(file.read_text()))

    def put(self, *key_ids: str, text: str = None):
        """A new version of the secret, with these keys."""
        value = json.dumps({key_id: self.public[key_id] for key_id in key_ids}) if text is None else text
        self.cloud.control(secret={"name": SECRET, "value": value})

    def begin(self, **settings):
        if settings:
            self.secret.update(settings)
        self.start_gate(listen=("127.0.0.1:0",))

    def restart(self, **settings):
        """The gate ends well, and another process takes its place."""
        assert self.gate.stop() == 0, self.gate.output()
        self.gate.out.write_text("")
        self.begin(**settings)

    def token(self, key_id: str, **options) -> str:
        return self.mint(key_id, ACCESS, **options)

    def ask_gate(self, token: str) -> wire.Answer:
        return wire.request(self.gate_addresses[0], "GET", "/auth", {**QUESTION, **wire.bearer(token)})

    def status(self, token: str) -> int:
        return self.ask_gate(token).status

    def source(self) -> dict:
        """What `/status` says about the one source."""
        return wire.request(self.admin, "GET", "/status").json()["sources"][0]

    def wait_for_state(self, state: str):
        wait_until(lambda: self.source()["state"] == state, f"the keys are {state}")
        source = self.source()["name"]
        assert self.metric(f'portcullis_keyset_state{{source="{source}",state="{state}"}}') == 1

    def wait_for_rounds(self, result: str, count: int = 1):
        def rounds():
            lines = wire.request(self.admin, "GET", "/metrics").body.decode().splitlines()
            return sum(float(line.rsplit(" ", 1)[1]) for line in lines
                       if line.startswith("portcullis_keyset_refresh_total{") and f'result="{result}"' in line)

        before = rounds()
        wait_until(lambda: rounds() >= before + count, f"{count} more rounds: {result}")

    def logged(self, words: str) -> bool:
        return any(words in json.dumps(line) for line in self.log())

    def wait_for_log(self, words: str):
        wait_until(lambda: self.logged(words), f"the log says: {words}")


class WithCloud(unittest.TestCase):
    def setUp(self):
        self.cloud = self.enterContext(FakeCloud())
        self.cloud.world["regions"] = [REGION, "us-east-1"]
        self.cloud.world["users"][0]["allow"] = ["secretsmanager:GetSecretValue", "sts:*"]
        self.cloud.world["roles"] = [{"name": "keys", "trust": [{"principals": [self.cloud.alice.arn], "externalId": EXTERNAL_ID}]}]
        self.cloud.start()
        self.stack = self.new_stack()

    def new_stack(self) -> CloudStack:
        stack = CloudStack(self.cloud).__enter__()
        self.addCleanup(lambda: stack.__exit__(None, None, None))
        stack.new_key("one")
        stack.new_key("two", "ES256")
        return stack


class Start(WithCloud):
    def test_the_first_tokens_wait_for_the_first_round_and_one_call_serves_them_all(self):
        stack = self.stack
        stack.put("one")
        self.cloud.fault("secretsmanager", "delay", pauseMs=500)
        token = stack.token("one")

        stack.begin(refreshInterval="1h")
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            statuses = list(pool.map(stack.status, [token] * 8))

        self.assertEqual(statuses, [200] * 8)
        self.assertEqual(self.cloud.calls("GetSecretValue"), 1)
        self.assertEqual(stack.ready().status, 200)

    def test_without_aws_the_gate_starts_answers_503_and_recovers_by_itself(self):
        stack = self.stack
        stack.put("one")
        self.cloud.fault("secretsmanager", "cut")
        token = stack.token("one")
        stack.keys["wait"] = "100ms"

        stack.begin()

        self.assertEqual(stack.ready().status, 503)
        answer = stack.ask_gate(token)
        self.assertEqual((answer.status, stack.reason_of(answer)), (503, "keys_not_loaded"))
        self.assertGreater(int(answer.one("Retry-After")), 0)
        stack.wait_for_log("failed to retrieve secret")
        self.assertEqual(stack.source()["state"], "empty")

        self.cloud.control(clearFaults=True)

        wait_until(lambda: stack.status(token) == 200, "the token works once AWS is back")
        self.assertEqual(stack.ready().status, 200)
        stack.wait_for_state("fresh")

    def test_nobody_listens_where_the_endpoint_is_and_the_gate_starts(self):
        stack = self.stack
        stack.keys["wait"] = "100ms"

        stack.begin(endpoint="http://127.0.0.1:9")

        self.assertEqual(stack.status(stack.token("one")), 503)
        stack.wait_for_log("failed to retrieve secret")
        self.assertEqual(stack.ready().status, 503)


class Rotation(WithCloud):
    def test_a_new_key_serves_at_once_and_a_removed_one_is_refused_after_a_round(self):
        stack = self.stack
        stack.put("one")
        stack.begin(refreshInterval="1h")
        one, two = stack.token("one"), stack.token("two")
        self.assertEqual(stack.status(one), 200)

        stack.put("one", "two")
        self.assertEqual(stack.status(two), 200, "an unknown key is looked for at once")
        self.assertEqual(self.cloud.calls("GetSecretValue"), 2)

        stack.restart(refreshInterval="1s")
        self.assertEqual((stack.status(one), stack.status(two)), (200, 200))
        stack.put("two")
        wait_until(lambda: stack.status(one) == 401, "the removed key is refused, though its token was cached")
        self.assertEqual(stack.reason_of(stack.ask_gate(one)), "key_unknown")
        self.assertEqual(stack.status(two), 200)

    def test_two_stages_are_merged(self):
        stack = self.stack
        stack.put("one")
        stack.begin(versionStage=["AWSCURRENT", "AWSPREVIOUS"])
        one, two = stack.token("one"), stack.token("two")
        self.assertEqual(stack.status(one), 200, "a secret that was never rotated has no previous version")

        stack.put("two")

        self.assertEqual(stack.status(two), 200)
        self.assertEqual(stack.status(one), 200, "the previous version is read too")
        stack.wait_for_rounds("good")
        self.assertEqual(sorted(key["kid"] for key in stack.source()["keys"]), ["one", "two"])

        stack.new_key("three")
        stack.put("three")

        wait_until(lambda: stack.status(one) == 401, "after two rotations the first key is gone")
        self.assertEqual(stack.status(two), 200)

    def test_a_thousand_made_up_key_ids_cost_one_call(self):
        stack = self.stack
        stack.put("one")
        stack.begin(refreshInterval="1h")
        good = stack.token("one")
        self.assertEqual(stack.status(good), 200)
        self.cloud.control(clearCalls=True)
        _, claims, signature = good.split(".")

        def forged(number: int) -> str:
            header = json.dumps({"typ": "JWT", "alg": "EdDSA", "kid": f"made-up-{number}"}).encode()
            return ".".join((base64.urlsafe_b64encode(header).decode().rstrip("="), claims, signature))

        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            statuses = set(pool.map(lambda number: stack.status(forged(number)), range(1000)))
            undisturbed = set(pool.map(stack.status, [good] * 50))

        self.assertEqual((statuses, undisturbed), ({401}, {200}))
        self.assertEqual(self.cloud.calls("GetSecretValue"), 1)


class Trouble(WithCloud):
    def setUp(self):
        super().setUp()
        self.stack.put("one")
        self.stack.begin()
        self.token = self.stack.token("one")
        self.assertEqual(self.stack.status(self.token), 200)

    def test_an_outage_and_throttling_lose_no_request(self):
        stack = self.stack
        load = Load(stack, "load", "/auth", {**QUESTION, **wire.bearer(self.token)}, address=stack.gate_addresses[0])
        for status in (500, "throttle", "wrong-json"):
            with self.subTest(status=status):
                self.cloud.control(clearFaults=True)
                stack.wait_for_state("fresh")
                self.cloud.fault("secretsmanager", status)
                stack.wait_for_state("stale")
                self.assertIn("failed to retrieve secret", stack.source()["lastError"])
                self.assertEqual((stack.status(self.token), stack.ready().status), (200, 200))
        self.cloud.control(clearFaults=True)
        stack.wait_for_state("fresh")
        statuses, lost = load.stop()
        self.assertEqual((list(statuses), lost), ([200], 0))

    def test_a_secret_that_turns_to_garbage_leaves_the_old_keys(self):
        stack = self.stack
        for text in ("this is no JSON", "{}", '{"one": "no key at all"}', "[]"):
            with self.subTest(text=text):
                stack.put("one")
                stack.wait_for_state("fresh")
                stack.put(text=text)
                stack.wait_for_state("stale")
                self.assertEqual(stack.status(self.token), 200)
                self.assertEqual([key["kid"] for key in stack.source()["keys"]], ["one"])
        self.assertTrue(stack.logged("failed to parse secret JSON"))


class Role(WithCloud):
    def test_a_role_with_the_right_external_id_reads_the_secret(self):
        self.stack.put("one")
        self.stack.begin(roleArn=role_arn("keys"), externalId=EXTERNAL_ID)

        self.assertEqual(self.stack.status(self.stack.token("one")), 200)
        self.stack.wait_for_rounds("good", 2)
        self.assertEqual(self.cloud.calls("AssumeRole"), 1, "one session serves many rounds")

    def test_a_wrong_external_id_is_denied_and_the_log_says_so(self):
        self.stack.put("one")
        self.stack.keys["wait"] = "100ms"
        self.stack.begin(roleArn=role_arn("keys"), externalId="another")

        self.assertEqual(self.stack.status(self.stack.token("one")), 503)
        self.stack.wait_for_log("AccessDenied")
        self.assertEqual(self.cloud.calls("GetSecretValue"), 0)

    def test_the_session_of_the_environment_is_never_written(self):
        form = f"Action=AssumeRole&Version=2011-06-15&RoleSessionName=gate&ExternalId={EXTERNAL_ID}&RoleArn={role_arn('keys')}"
        answer = self.cloud.curl("--data", form, user=self.cloud.alice).stdout
        found = {name: re.search(f"<{name}>([^<]+)</{name}>", answer)[1] for name in ("AccessKeyId", "SecretAccessKey", "SessionToken")}
        stack = self.stack
        stack.gate_environment.update(AWS_ACCESS_KEY_ID=found["AccessKeyId"], AWS_SECRET_ACCESS_KEY=found["SecretAccessKey"],
                                      AWS_SESSION_TOKEN=found["SessionToken"])
        stack.canaries.add(found["SecretAccessKey"])
        stack.canaries.add(found["SessionToken"])
        stack.put("one")
        stack.begin()
        self.assertEqual(stack.status(stack.token("one")), 200)

        self.cloud.control(expire="keys")

        stack.wait_for_state("stale")
        self.assertRegex(stack.source()["lastError"], "Expired")
        stack.check_secrecy()
        self.assertEqual(stack.canaries.found_below(stack.folder), [])


class LastKnownGood(WithCloud):
    def test_a_restart_while_aws_is_away_serves_the_remembered_keys_of_this_source_alone(self):
        stack = self.stack
        stack.put("one")
        stack.keys["lastKnownGood"] = "remembered.json"
        stack.begin()
        token = stack.token("one")
        self.assertEqual(stack.status(token), 200)
        remembered = stack.folder / "remembered.json"
        wait_until(remembered.exists, "the keys are remembered")
        self.assertEqual(remembered.stat().st_mode & 0o777, 0o600)
        self.cloud.fault("secretsmanager", 503)

        stack.restart()

        self.assertEqual(stack.status(token), 200)
        self.assertEqual((stack.source()["state"], stack.ready().status), ("stale", 200))

        stack.keys["wait"] = "100ms"
        stack.restart(region="us-east-1")

        self.assertEqual(stack.status(token), 503)
        self.assertTrue(stack.logged("no last known good keys to begin with"))


class Follower(WithCloud):
    def test_another_gate_serves_as_the_source(self):
        self.stack.put("one")
        self.stack.begin()
        token = self.stack.token("one")
        self.assertEqual(self.stack.status(token), 200)
        follower = self.new_stack()
        follower.secret = None
        follower.gate_environment = None
        follower.keys["jwksURL"] = f"http://{self.stack.admin}/jwks.json"

        follower.begin()

        self.assertEqual(follower.status(token), 200)
        self.assertEqual([key["kid"] for key in follower.source()["keys"]], ["one"])
        two = self.stack.token("two")
        self.stack.put("one", "two")
        self.assertEqual(self.stack.status(two), 200)
        self.assertEqual(follower.status(two), 200, "the follower asks the first gate for a key that it lacks")


if __name__ == "__main__":
    unittest.main()
