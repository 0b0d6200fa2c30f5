#!/usr/bin/env python3
"""Keys from AWS Secrets Manager, with the real daemon: AWS comes late, goes away, throttles and lies; keys rotate; and nobody loses a request."""
import concurrent.futures
import hashlib
import json
import re
import unittest

from cloud_stack import EXTERNAL_ID, QUESTION, WithCloud
from fake_cloud import ACCOUNT, role_arn
from load import MADE_UP_KIDS, Load
from processes import wait_until
import wire


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

    def test_a_flood_of_made_up_key_ids_costs_one_call_and_disturbs_nobody(self):
        stack = self.stack
        stack.put("one")
        stack.keys["refetchCooldown"] = "1h"
        stack.begin(refreshInterval="1h")
        good = stack.token("one")
        self.assertEqual(stack.status(good), 200)
        self.cloud.control(clearCalls=True)
        payload = good.split(".", 1)[1]

        flood = Load(stack, "flood", "/auth", QUESTION, address=stack.gate_addresses[0], script=MADE_UP_KIDS, words=(payload,))
        users = Load(stack, "users", "/auth", {**QUESTION, **wire.bearer(good)}, address=stack.gate_addresses[0], connections=4)
        unknown = 'portcullis_tokens_verified_total{source="awsSecretsManager",alg="unverified",result="key_unknown"}'
        wait_until(lambda: stack.metric(unknown) >= 20_000, "20,000 key ids that nobody has", deadline=110)

        (flooded, none_lost), (served, lost) = flood.stop(), users.stop()
        self.assertEqual((list(flooded), none_lost), ([401], 0))
        self.assertEqual((list(served), lost), ([200], 0))
        self.assertEqual(self.cloud.calls("GetSecretValue"), 1)

    def test_a_thousand_requests_while_the_keys_are_fetched_cost_one_call(self):
        stack = self.stack
        stack.put("one")
        stack.begin(refreshInterval="1h")
        good, unknown = stack.token("one"), stack.token("two")
        self.assertEqual(stack.status(good), 200)
        self.cloud.control(clearCalls=True)
        self.cloud.fault("secretsmanager", "delay", pauseMs=1500)

        with concurrent.futures.ThreadPoolExecutor(32) as pool:
            waiting = [pool.submit(stack.status, unknown) for _ in range(8)]
            statuses = set(pool.map(stack.status, [good] * 1000))
            refused = {answer.result() for answer in waiting}

        self.assertEqual((statuses, refused), ({200}, {401}))
        self.assertEqual(self.cloud.calls("GetSecretValue"), 1)

    def test_a_thousand_requests_before_the_first_keys_cost_one_call(self):
        stack = self.stack
        stack.put("one")
        self.cloud.fault("secretsmanager", "delay", pauseMs=1000)
        token = stack.token("one")

        stack.begin(refreshInterval="1h")
        with concurrent.futures.ThreadPoolExecutor(64) as pool:
            statuses = set(pool.map(stack.status, [token] * 1000))

        self.assertLessEqual(statuses, {200, 503}, "who finds no place to wait is told to come again")
        self.assertIn(200, statuses)
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
        for status in (500, "throttle", "wrong-json", "cut", "slow-bytes", "access-denied"):
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

    def test_a_clock_that_is_ten_minutes_off_is_corrected(self):
        for seconds in (600, -600):
            with self.subTest(seconds=seconds):
                self.cloud.control(clockOffsetSeconds=seconds, clearCalls=True)
                self.stack.wait_for_rounds("good", 3)
                self.assertEqual((self.stack.status(self.token), self.stack.source()["state"]), (200, "fresh"))
                self.assertGreater(self.cloud.calls("GetSecretValue"), 3, "the first was refused, and told the time")

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

    def test_an_answer_of_sts_whose_elements_come_in_another_order_is_read(self):
        self.stack.put("one")
        self.cloud.fault("sts", "reordered-xml", "AssumeRole")

        self.stack.begin(roleArn=role_arn("keys"), externalId=EXTERNAL_ID)

        self.assertEqual(self.stack.status(self.stack.token("one")), 200)
        self.stack.wait_for_state("fresh")
        self.assertEqual(self.cloud.calls("AssumeRole"), 1)

    def test_a_session_that_ended_early_is_renewed_by_one_call(self):
        self.stack.put("one")
        self.stack.begin(roleArn=role_arn("keys"), externalId=EXTERNAL_ID)
        self.assertEqual(self.stack.status(self.stack.token("one")), 200)

        self.cloud.control(expire="keys")

        self.stack.wait_for_rounds("good", 2)
        self.assertEqual((self.cloud.calls("AssumeRole"), self.stack.source()["state"]), (2, "fresh"))

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
        self.assertGreater(len(stack.canaries.words), 4, "both keys of alice, and a session")
        self.assertEqual(stack.canaries.found_below(stack.folder), [])


class AnotherSecret(WithCloud):
    """A reload that names another secret: the keys of the old one serve until those of the new one are there."""

    def setUp(self):
        super().setUp()
        self.stack.put("one")
        self.stack.begin()
        self.token = self.stack.token("one")
        self.assertEqual(self.stack.status(self.token), 200)

    def name_secret(self, name: str):
        self.stack.secret["secretName"] = name
        self.stack.write_config()
        self.stack.reload()

    def config(self) -> dict:
        return wire.request(self.stack.admin, "GET", "/status").json()["config"]

    def test_under_load_and_with_a_slow_aws_nobody_is_refused(self):
        stack = self.stack
        both = json.dumps({key_id: stack.public[key_id] for key_id in ("one", "two")})
        self.cloud.control(secret={"name": "zot/other", "value": both})
        load = Load(stack, "load", "/auth", {**QUESTION, **wire.bearer(self.token)}, address=stack.gate_addresses[0])
        self.cloud.fault("secretsmanager", "delay", pauseMs=1000)

        self.name_secret("zot/other")

        wait_until(lambda: self.config()["reloadWaitsFor"] == "awsSecretsManager", "the status says what the reload waits for")
        wait_until(lambda: self.config()["reloadWaitsFor"] is None, "the new secret has answered")
        self.assertIsNone(self.config()["reloadFault"])
        self.assertEqual(stack.status(stack.token("two")), 200)
        statuses, lost = load.stop()
        self.assertEqual((list(statuses), lost), ([200], 0))

    def test_a_secret_that_is_not_there_is_refused_and_the_old_one_serves(self):
        stack = self.stack

        self.name_secret("zot/none")

        wait_until(lambda: self.config()["reloadFault"], "the reload is refused")
        self.assertIn("failed to retrieve secret zot/none (AWSCURRENT): ResourceNotFoundException", self.config()["reloadFault"])
        self.assertEqual((stack.status(self.token), stack.ready().status), (200, 200))
        stack.wait_for_rounds("good")


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


    def test_the_file_is_tied_to_the_account_that_answered(self):
        stack = self.stack
        stack.put("one")
        stack.keys.update(lastKnownGood="remembered.json", wait="100ms")
        stack.begin()
        token = stack.token("one")
        self.assertEqual(stack.status(token), 200)
        path = stack.folder / "remembered.json"
        wait_until(path.exists, "the keys are remembered")
        self.assertEqual(json.loads(path.read_text())["account"], ACCOUNT, "though the secret is given by name alone")
        self.assertEqual(stack.gate.stop(), 0)
        self.cloud.fault("secretsmanager", 503)
        self.write_for_another_account(path)

        stack.restart()

        self.assertEqual(stack.status(token), 200, "by name alone, nobody can say whose secret it is")
        self.cloud.control(clearFaults=True)
        stack.wait_for_log("the last known good keys were those of another AWS account")

        self.assertEqual(stack.gate.stop(), 0)
        self.cloud.fault("secretsmanager", 503)
        self.write_for_another_account(path)
        stack.gate_environment["AWS_ACCOUNT_ID"] = ACCOUNT
        stack.restart()
        self.assertEqual(stack.status(token), 503)
        stack.wait_for_log("it was made for another AWS account")

    def write_for_another_account(self, path):
        """The same file, as a gate of another account would have written it."""
        file = json.loads(path.read_text())
        file["account"] = "444455556666"
        keys = json.dumps(file["keys"], separators=(",", ":"), ensure_ascii=False)
        believed = [file["format"], file["source"], file["identity"], file["account"], file["lastSuccess"], keys]
        file["digest"] = hashlib.sha256(json.dumps(believed, separators=(",", ":"), ensure_ascii=False).encode()).hexdigest()
        path.write_text(json.dumps(file))


class Follower(WithCloud):
    def test_another_gate_serves_as_the_source(self):
        self.stack.put("one")
        self.stack.begin()
        # A token that comes before the first round asks for one, and who lacks a key within refetchCooldown then is refused at once.
        self.stack.wait_for_state("fresh")
        token = self.stack.token("one")
        self.assertEqual(self.stack.status(token), 200)
        follower = self.new_stack()
        follower.secret = None
        follower.gate_environment = None
        follower.keys["jwksURL"] = f"http://{self.stack.admin}/jwks.json"

        follower.begin()

        follower.wait_for_state("fresh")
        self.assertEqual(follower.status(token), 200)
        self.assertEqual([key["kid"] for key in follower.source()["keys"]], ["one"])
        two = self.stack.token("two")
        self.stack.put("one", "two")
        self.assertEqual(self.stack.status(two), 200)
        self.assertEqual(follower.status(two), 200, "the follower asks the first gate for a key that it lacks")


if __name__ == "__main__":
    unittest.main()
