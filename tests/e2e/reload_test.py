#!/usr/bin/env python3
"""The configuration changes while requests come in: what should change does, nothing fails, and a faulty file changes nothing."""
import copy
import json
import os
import unittest

from load import Load
from processes import wait_until
from stack import Stack
import wire

QUESTION = {"X-Original-URI": "/v2/team/app/manifests/latest", "X-Original-Method": "GET"}


class Reload(unittest.TestCase):
    def setUp(self):
        self.stack = Stack().__enter__()
        self.addCleanup(lambda: self.stack.__exit__(None, None, None))
        self.stack.make_key("k1")
        self.stack.config["portcullis"]["proxy"]["trusted"] = ["127.0.0.1/32"]
        self.stack.start_gate(listen=("127.0.0.1:0",))
        self.gate = self.stack.gate_addresses[0]
        self.token = self.stack.mint("k1", "repository:team/app:pull")

    def challenge(self) -> str:
        return wire.request(self.gate, "GET", "/auth", QUESTION).one("WWW-Authenticate")

    def status(self) -> int:
        return wire.request(self.gate, "GET", "/auth", {**QUESTION, **wire.bearer(self.token)}).status

    def reloads(self, result: str) -> float:
        return self.stack.metric('portcullis_config_reload_total{result="%s"}' % result)

    def test_a_reload_under_load_fails_no_request(self):
        load = Load(self.stack, "load", "/auth", {**QUESTION, **wire.bearer(self.token)}, address=self.gate)
        self.stack.wait_for_decisions(5000)

        for number in range(10):
            service = f"service-{number}"
            self.stack.config["http"]["auth"]["bearer"]["service"] = service
            self.stack.write_config()
            if number % 2:
                self.stack.reload()
            wait_until(lambda: f'service="{service}"' in self.challenge(), "the new service is in the challenge")

        statuses, lost = load.stop()
        self.assertEqual((list(statuses), lost), ([200], 0))

    def test_a_faulty_file_changes_nothing_and_says_why(self):
        before, failed = self.challenge(), self.reloads("failed")
        good = copy.deepcopy(self.stack.config)
        self.stack.config["http"]["auth"]["bearer"]["service"] = "never-seen"
        self.stack.config["portcullis"]["tokens"]["leway"] = "10s"

        self.stack.write_config()
        self.stack.reload()

        wait_until(lambda: self.reloads("failed") > failed, "the metric counts the failure")
        self.assertEqual(self.challenge(), before)
        self.assertEqual(self.status(), 200)
        wait_until(lambda: [line for line in self.stack.log() if "leway" in str(line)], "the log names the faulty key")

        self.stack.config = good
        self.stack.config["http"]["auth"]["bearer"]["service"] = "mended"
        self.stack.write_config()

        wait_until(lambda: 'service="mended"' in self.challenge(), "a good file is taken without a signal")

    def test_a_changed_listener_is_named_as_needing_a_restart(self):
        self.stack.config["portcullis"]["listen"] = ["127.0.0.1:1"]

        self.stack.write_config()
        self.stack.reload()

        wait_until(lambda: [line for line in self.stack.log() if "restart" in str(line)], "the log says that a listener needs a restart")
        self.assertEqual(self.status(), 200)


class MountedAsKubernetesDoes(unittest.TestCase):
    """A ConfigMap: the files are links through `..data`, and a new version is one rename of that link."""

    def test_a_new_version_is_seen_without_a_signal(self):
        with Stack() as stack:
            stack.make_key("old")
            stack.make_key("new", keys_file=stack.folder / "new-keys.json")
            stack.config["portcullis"]["proxy"]["trusted"] = ["127.0.0.1/32"]
            stack.complete_config(("127.0.0.1:0",))
            self.write_version(stack, "v1", "first", "keys.json")
            self.write_version(stack, "v2", "second", "new-keys.json")
            os.remove(stack.keys_file)
            os.symlink("v1", stack.folder / "..data")
            for name in ("gate.json", "keys.json"):
                os.symlink(f"..data/{name}", stack.folder / name)
            stack.launch_gate()
            self.assertEqual(self.seen(stack), ("first", {"old": 200, "new": 401}))

            os.symlink("v2", stack.folder / "..data_new")
            os.replace(stack.folder / "..data_new", stack.folder / "..data")

            wait_until(lambda: self.seen(stack) == ("second", {"old": 401, "new": 200}), "configuration and keys are the new ones")

    def write_version(self, stack, version: str, service: str, keys: str):
        (stack.folder / version).mkdir()
        stack.config["http"]["auth"]["bearer"]["service"] = service
        (stack.folder / version / "gate.json").write_text(json.dumps(stack.config))
        (stack.folder / version / "keys.json").write_text((stack.folder / keys).read_text())

    def seen(self, stack) -> tuple:
        """The service in the challenge, and what a token of each key is answered."""
        gate = stack.gate_addresses[0]
        challenge = wire.request(gate, "GET", "/auth", QUESTION).one("WWW-Authenticate")
        statuses = {key: wire.request(gate, "GET", "/auth", {**QUESTION, **wire.bearer(stack.mint(key, "repository:team/app:pull"))}).status
                    for key in ("old", "new")}
        return challenge.split('service="')[1].split('"')[0], statuses


if __name__ == "__main__":
    unittest.main()
