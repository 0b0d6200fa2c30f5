#!/usr/bin/env python3
"""docs/key-rotation.md as an operator would follow it: every command on the page is run, in its order, with the packaged awscli against an AWS on loopback,
and what the page says of /status after each step is looked at."""
import json
import os
import re
import unittest

from cloud_stack import SECRET, WithCloud
from fake_cloud import AWSCLI
from processes import run, wait_until
from stack import BINARY, ROOT
import wire

PAGE = (ROOT / "docs/key-rotation.md").read_text()
CONFIG = "/etc/portcullis/portcullis.json"
ADMIN = "127.0.0.1:9181"
OLD, NEW = "2026-06", "2026-12"


def commands(heading: str) -> list:
    """The shell blocks between this heading and the next."""
    section = re.split(r"(?m)^##+ ", PAGE.split(heading + "\n", 1)[1])[0]
    return re.findall(r"```sh\n(.*?)```", section, re.DOTALL)


class KeyRotationPage(WithCloud):
    allow = ["secretsmanager:*"]

    def setUp(self):
        super().setUp()
        stack = self.stack
        stack.new_key(OLD)
        stack.put(OLD)
        stack.begin()
        self.old = stack.token(OLD)
        self.assertEqual(stack.status(self.old), 200)
        tools = stack.folder / "bin"
        tools.mkdir()
        for name, command in (("portcullis", str(BINARY)), ("aws", f"{AWSCLI} --endpoint-url {self.cloud.endpoint}")):
            (tools / name).write_text(f'#!/bin/sh\nexec {command} "$@"\n')
            (tools / name).chmod(0o755)
        self.environment = self.cloud.clean(**self.cloud.alice.environment, AWS_ENDPOINT_URL_STS=self.cloud.endpoint)
        self.environment["PATH"] = f"{tools}:{os.environ['PATH']}"
        self.run_blocks = 0

    def follow(self, block: str) -> str:
        """What the block prints. Nothing of it is changed but where the configuration and the admin listener are."""
        self.run_blocks += 1
        script = "set -eu\n" + block.replace(CONFIG, str(self.stack.folder / "gate.json")).replace(ADMIN, self.stack.admin)
        done = run(["sh", "-c", script], self.stack.folder, env=self.environment)
        self.assertEqual(done.returncode, 0, script + done.stdout + done.stderr)
        return done.stdout

    def kids(self) -> list:
        return sorted(key["kid"] for key in self.stack.source()["keys"])

    def key(self, kid: str) -> dict:
        return next(key for key in self.stack.source()["keys"] if key["kid"] == kid)

    def version(self, stage: str) -> str:
        said = self.cloud.aws("secretsmanager", "get-secret-value", "--secret-id", SECRET, "--version-stage", stage, environment=self.cloud.alice.environment)
        return json.loads(said.stdout)["VersionId"]

    def test_each_step_shows_what_the_page_says(self):
        stack = self.stack
        (before,) = commands("# Rotating keys")
        shown = self.follow(before)
        self.assertRegex(shown, rf"{OLD} +Ed25519 .* AWSCURRENT {self.version('AWSCURRENT')} .* 1 +20\d\d-")
        self.assertEqual(json.loads(shown[shown.index("{"):])["state"], "fresh")

        pending, promote = commands("## 1. Add the new key beside the old one")
        shown = self.follow(pending)
        self.assertRegex(shown, rf"(?m)^comes +{NEW} ")
        self.assertRegex(shown, rf"(?m)^stays +{OLD} ")
        self.assertIn("if AWSPENDING became AWSCURRENT: 1 comes, 1 stays, 0 replaced, 0 goes", shown)
        self.assertEqual(self.kids(), [OLD], "no gate reads a pending version")
        stack.canaries.add_private_key((stack.folder / "new.pem").read_text())

        self.follow(promote)
        wait_until(lambda: self.kids() == [OLD, NEW], "both keys are listed")
        self.assertEqual((stack.source()["state"], stack.source()["quarantined"]), ("fresh", []))
        self.assertEqual(stack.source()["version"], f"AWSCURRENT {self.version('AWSCURRENT')}")

        os.rename(stack.folder / "new.pem", stack.folder / f"{NEW}.pem")
        new, unknown = stack.token(NEW), stack.metric("portcullis_unknown_kid_total{")
        self.assertEqual(commands("## 2. Let the issuer sign with the new key"), [], "what the issuer does is not ours to show")
        self.assertEqual((stack.status(new), stack.status(self.old)), (200, 200))
        self.assertEqual(self.key(NEW)["uses"], 1)
        self.assertEqual(stack.metric("portcullis_unknown_kid_total{"), unknown)

        self.assertEqual(commands("## 3. Wait until the old key is idle"), [])
        self.assertGreater(self.key(OLD)["uses"], 0)
        self.assertRegex(self.key(OLD)["lastUsed"], r"^20\d\d-")
        self.assertGreater(stack.metric(f'portcullis_key_uses_total{{source="awsSecretsManager",kid="{OLD}"}}'), 0)

        (remove,) = commands("## 4. Remove the old key")
        self.follow(remove)
        wait_until(lambda: self.kids() == [NEW], "the old key is gone")
        refused = stack.ask_gate(self.old)
        self.assertEqual((refused.status, stack.reason_of(refused)), (401, "key_unknown"))
        self.assertEqual(stack.status(new), 200)

        stack.put(text="this is no JSON")
        stack.wait_for_state("stale")
        self.assertIn("failed to parse secret JSON", stack.source()["lastError"])
        (back,) = commands("### Going back")
        self.assertIn("AWSPREVIOUS", self.follow(back))
        stack.wait_for_state("fresh")
        self.assertEqual((self.kids(), stack.status(new)), ([NEW], 200))
        self.assertEqual(self.run_blocks, PAGE.count("```sh\n"), "every block of the page was run")

    def test_the_curl_of_the_page_reads_what_the_status_has(self):
        answer = wire.request(self.stack.admin, "GET", "/status").json()
        for member in ("state", "version", "quarantined", "lastError"):
            self.assertIn(member, answer["sources"][0])
        for member in ("kid", "version", "uses", "lastUsed"):
            self.assertIn(member, answer["sources"][0]["keys"][0])


if __name__ == "__main__":
    unittest.main()
