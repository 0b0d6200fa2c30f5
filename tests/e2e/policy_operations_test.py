#!/usr/bin/env python3
"""Policies in front of a real registry: create is not update, a mount needs its source, and what a policy would change is told beforehand."""
import copy
import json
import signal
import unittest

from processes import run, wait_until
from stack import BINARY, Stack
import wire

ACCEPT = {"Accept": "application/vnd.oci.image.manifest.v1+json"}
READ_CREATE = {"users": ["alice"], "actions": ["read", "create"]}
POLICY = {"repositories": {"team/**": {"policies": [READ_CREATE, {"users": ["bob"], "actions": ["read", "create", "update", "delete"]}]},
                           "secret/**": {"policies": [{"users": ["bob"], "actions": ["read", "create", "update"]}]}}}


class PolicyOperations(unittest.TestCase):
    def setUp(self):
        self.stack = Stack().__enter__()
        self.addCleanup(lambda: self.stack.__exit__(None, None, None))
        self.stack.make_key("k1")
        self.stack.start_registry()

    def start(self, **section):
        self.stack.config["http"]["accessControl"] = copy.deepcopy(POLICY)
        self.stack.config["portcullis"]["tokens"]["accessClaim"] = "optional"
        self.stack.config["portcullis"].update(section)
        self.stack.start_gate()
        self.stack.start_nginx()
        self.alice, self.bob = self.stack.mint("k1", subject="alice"), self.stack.mint("k1", subject="bob")

    def push(self, token: str, repository: str = "team/app", text: str = "Hello.\n"):
        image, digest = self.stack.image(text)
        return self.stack.push(repository, token, image), digest

    def seen_by_registry(self) -> str:
        """The requests that docker-registry says it had."""
        return self.stack.process("registry").output()

    def digest_of(self, repository: str) -> str:
        answer = self.stack.ask("HEAD", f"/v2/{repository}/manifests/latest", self.bob, ACCEPT)
        return answer.one("Docker-Content-Digest") if answer.status == 200 else None

    def test_who_may_create_pushes_a_new_tag_and_does_not_overwrite_it(self):
        self.start(registry={"url": f"http://{self.stack.registry}", "tagLookup": "advisory"})
        first, digest = self.push(self.alice)
        second, other = self.push(self.alice, text="Not to be seen.\n")
        third, overwritten = self.push(self.bob, text="To be seen.\n")

        self.assertEqual((first.returncode, first.stderr), (0, ""))
        self.assertNotEqual(second.returncode, 0)
        self.assertIn("denied", second.stderr.lower())
        self.assertEqual((third.returncode, third.stderr), (0, ""))
        self.assertNotIn(self.digest_of("team/app"), (digest, other))
        self.assertEqual(self.digest_of("team/app"), overwritten)

    def test_without_a_look_up_a_push_needs_both(self):
        self.start()
        create, _ = self.push(self.alice)
        both, digest = self.push(self.bob)

        self.assertNotEqual(create.returncode, 0)
        self.assertEqual((both.returncode, both.stderr), (0, ""))
        self.assertEqual(self.digest_of("team/app"), digest)

    def test_without_an_answer_a_push_needs_both(self):
        self.start(registry={"url": "http://127.0.0.1:1", "tagLookup": "advisory"})

        self.assertNotEqual(self.push(self.alice)[0].returncode, 0)
        self.assertEqual(self.push(self.bob)[0].returncode, 0)

    def test_a_mount_without_its_source_never_links_the_blob(self):
        self.start()
        self.assertEqual(self.push(self.bob, "secret/base")[0].returncode, 0)
        manifest = self.stack.ask("GET", "/v2/secret/base/manifests/latest", self.bob, ACCEPT)
        blob = manifest.json()["layers"][0]["digest"]
        before = self.stack.stored_files()
        self.assertIn("/v2/secret/base/", self.seen_by_registry(), "the registry writes its access log")
        for query in (f"mount={blob}&from=secret/base", f"mount={blob}&%66rom=secret/base", f"mount={blob}", f"from=secret/base&mount={blob}"):
            with self.subTest(query):
                refused = self.stack.ask("POST", f"/v2/team/copy/blobs/uploads/?{query}", self.alice)
                self.assertIn(refused.status, (401, 403))
                self.assertEqual(len(refused.all("WWW-Authenticate")), 1 if refused.status == 401 else 0)
        self.assertEqual(self.stack.stored_files(), before)
        # A request that came later is in the log, so all that came before would be.
        self.assertEqual(self.stack.ask("GET", "/v2/team/copy/tags/list", self.alice).status, 404)
        wait_until(lambda: "/v2/team/copy/tags/list" in self.seen_by_registry(), "the registry saw the last request")
        self.assertNotIn("/v2/team/copy/blobs/uploads", self.seen_by_registry())
        self.assertEqual(self.stack.ask("HEAD", f"/v2/team/copy/blobs/{blob}", self.alice).status, 404)

        mounted = self.stack.ask("POST", f"/v2/team/copy/blobs/uploads/?mount={blob}&from=secret/base", self.bob)
        self.assertEqual(mounted.status, 201, mounted)
        wait_until(lambda: "/v2/team/copy/blobs/uploads" in self.seen_by_registry(), "the registry saw the mount")

    def test_a_reload_with_a_faulty_policy_keeps_the_old_one(self):
        self.start()
        self.assertEqual(self.push(self.bob)[0].returncode, 0)
        for section, change in (("http", {"repositories": {"[": {"anonymousPolicy": ["read"]}}}), ("shadow", {"repositories": {"[": {"anonymousPolicy": ["read"]}}})):
            with self.subTest(section):
                good = copy.deepcopy(self.stack.config)
                if section == "http":
                    self.stack.config["http"]["accessControl"] = change
                else:
                    self.stack.config["portcullis"]["shadow"] = change
                failed = self.stack.metric('portcullis_config_reload_total{result="failed"}')
                self.stack.write_config()
                self.stack.gate.send(signal.SIGHUP)
                wait_until(lambda: self.stack.metric('portcullis_config_reload_total{result="failed"}') > failed, "the reload is refused")
                self.assertEqual(self.stack.ask("HEAD", "/v2/team/app/manifests/latest", self.alice, ACCEPT).status, 200)
                self.stack.config = good

    def test_a_reload_with_a_failing_policy_test_keeps_the_old_policy_and_names_the_test(self):
        reads = {"name": "alice reads", "user": "alice", "method": "GET", "uri": "/v2/team/app/manifests/latest", "expect": "allow"}
        writes = {"name": "alice does not delete", "user": "alice", "method": "DELETE", "uri": "/v2/team/app/manifests/latest", "expect": "deny"}
        self.start(policyTests=[reads, writes])
        self.assertEqual(self.push(self.bob)[0].returncode, 0)
        for how, actions in (("by the file alone", ["create"]), ("by a signal", ["update"])):
            with self.subTest(how):
                failed = self.stack.metric('portcullis_config_reload_total{result="failed"}')
                # Alice may do nothing any more: the first test fails, the second does not.
                self.stack.config["http"]["accessControl"]["repositories"]["team/**"]["policies"][0]["actions"] = actions
                self.stack.write_config()
                if how == "by a signal":
                    self.stack.reload()
                wait_until(lambda: self.stack.metric('portcullis_config_reload_total{result="failed"}') > failed, "the reload is refused")
                self.assertEqual(self.stack.ask("HEAD", "/v2/team/app/manifests/latest", self.alice, ACCEPT).status, 200)
                told = [line for line in self.stack.log() if "policy test 'alice reads': expected allow, and the policies say deny" in json.dumps(line)]
                self.assertTrue(told, self.stack.log()[-3:])
                self.assertFalse([line for line in told if "alice does not delete" in json.dumps(line)])
                self.assertEqual(told[-1]["level"], "error", told[-1])

        reloaded = self.stack.metric('portcullis_config_reload_total{result="good"}')
        self.stack.config["portcullis"]["policyTests"][0]["expect"] = "deny"
        self.stack.write_config()
        wait_until(lambda: self.stack.metric('portcullis_config_reload_total{result="good"}') > reloaded, "the reload is taken")
        wait_until(lambda: self.stack.ask("HEAD", "/v2/team/app/manifests/latest", self.alice, ACCEPT).status == 403, "the new policy serves")

    def test_shadow_and_replay_tell_what_a_policy_would_change(self):
        changed = {"repositories": {"team/**": {"policies": [{"users": ["bob"], "actions": ["read"]}], "anonymousPolicy": ["read"]}}}
        self.start(shadow=changed, decisionLog={"output": "decisions.jsonl"})
        self.assertEqual(self.push(self.bob)[0].returncode, 0)
        manifest = "/v2/team/app/manifests/latest"
        self.assertEqual(self.stack.ask("GET", manifest, self.alice, ACCEPT).status, 200)
        self.assertEqual(self.stack.ask("GET", manifest, None, ACCEPT).status, 401)
        self.assertEqual(self.stack.ask("GET", "/v2/team/app/%2e/", self.alice).status, 403)
        counted = {way: self.stack.metric('portcullis_shadow_disagreements_total{direction="%s"}' % way) for way in ("allow_to_deny", "deny_to_allow")}
        status = wire.request(self.stack.admin, "GET", "/status").json()["shadow"]
        self.stack.gate.send(signal.SIGTERM)
        self.stack.gate.child.wait(30)
        self.stack.admin = None  # nothing is left to look at there
        same = run([BINARY, "replay", self.stack.folder / "gate.json", "--log", self.stack.folder / "decisions.jsonl"])
        self.stack.config["http"]["accessControl"] = changed
        (self.stack.folder / "new.json").write_text(json.dumps(self.stack.config))
        with open(self.stack.folder / "decisions.jsonl", "a") as file:
            file.write('{"v":1,"time":"2026')
        told = run([BINARY, "replay", self.stack.folder / "new.json", "--log", self.stack.folder / "decisions.jsonl", "--json"])

        self.assertEqual((same.returncode, same.stderr), (0, ""), same.stdout)
        self.assertIn("0 allow -> deny, 0 deny -> allow", same.stdout)
        self.assertEqual(told.returncode, 1, told.stderr)
        found = json.loads(told.stdout)
        self.assertEqual((found["allowToDeny"], found["denyToAllow"]), (counted["allow_to_deny"], counted["deny_to_allow"]))
        self.assertEqual((found["allowToDeny"], found["denyToAllow"]), (status["allowToDeny"], status["denyToAllow"]))
        self.assertTrue([one for one in found["changes"] if (one["username"], one["to"], one["action"]) == ("alice", "deny", "read")])
        self.assertTrue([one for one in found["changes"] if (one["username"], one["to"], one["action"]) == ("", "allow", "read")])
        self.assertIn("path_not_canonical", found["notJudged"])
        self.assertEqual(len(found["halfLines"]), 1)


if __name__ == "__main__":
    unittest.main()
