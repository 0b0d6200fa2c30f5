#!/usr/bin/env python3
"""A program that crashes leaves nothing secret behind: no core dump, of the gate with every kind of login at hand, or of a command on its way to one."""
import pathlib
import signal
import string
import unittest

from broker_stack import EXTERNAL_ID, HOST, WithBroker
from fake_cloud import BINARY, REGION, random_text, role_arn
from processes import run, wait_until
import wire

COMPANY, PLAIN = "company.jfrog.io", "plain.example.com"
# Whoever starts a program may allow it to dump; what follows is run so.
DUMPING = ["sh", "-c", 'ulimit -c unlimited; exec "$@"', "sh"]


class CoreDumps(WithBroker):
    def complete(self, world: dict):
        world["roles"].append(self.role("app", maxSessionDuration=7200, allow=["iam:GetRole"]))
        world["artifactory"] = {role_arn("app"): "ci-user"}

    def setUp(self):
        super().setUp()
        self.require_dumps()

    def cores(self) -> list:
        return [path.name for folder in (self.stack.folder, self.cloud.folder) for path in folder.glob("*core*") if path.is_file()]

    def require_dumps(self):
        """Without a machine that dumps, the absence of a dump shows nothing."""
        crashed = run([*DUMPING, "sh", "-c", "kill -ABRT $$"], self.stack.folder)
        self.assertEqual(crashed.returncode, -signal.SIGABRT)
        if not self.cores():
            self.skipTest(f"core dumps go elsewhere on this machine: {pathlib.Path('/proc/sys/kernel/core_pattern').read_text().strip()}")
        for name in self.cores():
            (self.stack.folder / name).unlink()

    def login_of(self, repository: str) -> str:
        token = self.stack.mint("k1", f"repository:{repository}:pull")
        question = {"X-Original-Method": "GET", "X-Original-URI": f"/v2/{repository}/manifests/latest", **wire.bearer(token)}
        answer = wire.request(self.stack.gate_addresses[0], "GET", "/auth", question)
        self.assertEqual(answer.status, 200, answer)
        return answer.one("X-Registry-Authorization")

    def test_of_a_gate_with_logins_at_hand_there_is_none(self):
        password = random_text(string.ascii_letters, 40)
        self.stack.canaries.add(password)
        (self.stack.folder / "plain.secret").write_text(password)
        broker = self.stack.broker
        broker["registries"][PLAIN] = {"username": "ada", "passwordFile": "plain.secret"}
        broker["registries"][COMPANY] = {"artifactory": {"url": self.cloud.endpoint, "region": REGION, "assumeRoleArn": role_arn("app"),
                                                         "externalId": EXTERNAL_ID}}
        broker["routes"] = [{"repositories": f"{name}/**", "registry": host} for name, host in (("ecr", HOST), ("plain", PLAIN), ("jfrog", COMPANY))]
        self.stack.make_key("k1")
        self.stack.new_password()
        self.stack.complete_config(("unix:gate.sock",))
        self.stack.write_config()
        start = self.stack.start
        self.stack.start = lambda name, command, environment=None: start(name, [*DUMPING, *command], environment)
        self.stack.launch_gate()
        self.assertEqual(len({self.login_of(f"{name}/app") for name in ("ecr", "plain", "jfrog")}), 3)
        self.stack.check_secrecy()

        gate = self.stack.gate
        gate.send(signal.SIGABRT)

        self.assertEqual(gate.child.wait(30), -signal.SIGABRT)
        self.assertEqual(self.cores(), [])
        self.assertEqual(self.stack.canaries.found_below(self.stack.folder), [])
        self.stack.admin = None
        gate.child.returncode = 0  # it ended as it was told to

    def test_of_a_command_that_waits_for_a_login_there_is_none(self):
        self.stack.complete_config(("unix:gate.sock",))
        self.stack.make_key("k1")
        self.stack.write_config()
        self.cloud.fault("ecr", "delay", operation="GetAuthorizationToken", pauseMs=60_000)
        words = (["login", HOST, "--password", "--config", "gate.json"], ["doctor", "gate.json", HOST])
        for number, command in enumerate(words):
            with self.subTest(command[0]):
                before = self.cloud.calls("AssumeRole")
                waiting = self.stack.start(f"waiting-{number}", [*DUMPING, BINARY, *command], self.stack.gate_environment)
                wait_until(lambda: self.cloud.calls("AssumeRole") > before, "the role was assumed")

                waiting.send(signal.SIGABRT)

                self.assertEqual(waiting.child.wait(30), -signal.SIGABRT)
                self.assertEqual(self.cores(), [])
                self.assertEqual(self.stack.canaries.found_below(self.stack.folder), [])
        for process in self.stack.processes:
            if process.name.startswith("waiting"):
                process.child.returncode = 0


if __name__ == "__main__":
    unittest.main()
