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
        wait_until(lambda: self.stack.metric("portcullis_decisions_total") > 1000, "the load has begun")

        for number in range(10):
            service = f"service-{number}"
            self.stack.config["http"]["auth"]["bearer"]["service"] = service
            self.stack.write_config()
            if number % 2:
                self.stack.reload()
            wait_until(lambda: f'service="{service}"' in self.challenge(), "the new service is in the challenge")

        statuses, lost = load.stop()
        self.assertEqual((list(statuses), lost), ([200], 0))
        self.assertGreater(statuses[200], 1000)

    def test_a_faulty_file_changes_nothing_and_says_why(self):
        before, failed = self.challenge(), self.reloads("error")
        good = copy.deepcopy(self.stack.config)
        self.stack.config["http"]["auth"]["bearer"]["service"] = "never-seen"
        self.stack.config["portcullis"]["tokens"]["leway"] = "10s"

        self.stack.write_config()
        self.stack.reload()

        wait_until(lambda: self.reloads("error") > failed, "the metric counts the failure")
        self.assertEqual(self.challenge(), before)
        self.assertEqual(self.status(), 200)
        wait_until(lambda: [line for line in self.stack.log() if "leway" in str(line)], "the log names the faulty key")

        self.stack.config = good
        self.stack.config["http"]["auth"]["bearer"]["service"] = "mended"
        self.stack.write_config()

        wait_until(lambda: 'service="mended"' in self.challenge(), "a good file is taken without a signal")

    def test_a_configuration_behind_a_symlink_is_swapped_as_kubernetes_does(self):
        folder = self.stack.folder
        for name in ("v1", "v2"):
            (folder / name).mkdir()
        config = copy.deepcopy(self.stack.config)
        self.stack.gate.stop()
        self.stack.processes.remove(self.stack.gate)
        self.write_version("v1", config, "first")
        os.symlink("v1", folder / "..data")
        os.remove(folder / "gate.json")
        os.symlink("..data/gate.json", folder / "gate.json")
        (folder / "..data/keys.json").symlink_to(folder / "keys.json")
        self.stack.launch_gate()
        self.gate = self.stack.gate_addresses[0]
        self.assertIn('service="first"', self.challenge())

        self.write_version("v2", config, "second")
        (folder / "v2/keys.json").symlink_to(folder / "keys.json")
        os.symlink("v2", folder / "..data_new")
        os.replace(folder / "..data_new", folder / "..data")

        wait_until(lambda: 'service="second"' in self.challenge(), "the swap is seen without a signal")

    def write_version(self, version: str, config: dict, service: str):
        config["http"]["auth"]["bearer"]["service"] = service
        (self.stack.folder / version / "gate.json").write_text(json.dumps(config))

    def test_a_changed_listener_is_named_as_needing_a_restart(self):
        self.stack.config["portcullis"]["listen"] = ["127.0.0.1:1"]

        self.stack.write_config()
        self.stack.reload()

        wait_until(lambda: [line for line in self.stack.log() if "restart" in str(line)], "the log says that a listener needs a restart")
        self.assertEqual(self.status(), 200)


if __name__ == "__main__":
    unittest.main()
