#!/usr/bin/env python3
"""Every decision is a line, whatever happens to the file: rotation, reload, a full disk, a stop, a kill."""
import json
import os
import resource
import signal
import unittest

import jsonschema

from load import Load
from processes import run, wait_until
from stack import BINARY, ROOT, Stack
import wire

SCHEMA = jsonschema.Draft202012Validator(json.loads((ROOT / "docs/decision-log.schema.json").read_text()))
ENOUGH = 100  # lines that are held against the schema: under load there are very many alike
URI = "/v2/team/app/manifests/latest"
FORGED = "eyJhbGciOiJFZERTQSIsImtpZCI6ImsxIn0.eyJzdWIiOiJtYWxsb3J5In0." + "A" * 86


class DecisionLog(unittest.TestCase):
    def setUp(self):
        self.stack = Stack().__enter__()
        self.addCleanup(lambda: self.stack.__exit__(None, None, None))
        self.stack.make_key("k1")
        self.stack.config["portcullis"]["proxy"]["trusted"] = ["127.0.0.1/32"]
        self.path = self.stack.folder / "decisions.jsonl"

    def start(self, **section):
        self.stack.config["portcullis"]["decisionLog"] = {"output": "decisions.jsonl", **section}
        self.stack.start_gate(listen=("127.0.0.1:0",))
        self.token = self.stack.mint("k1", "repository:team/app:pull")

    def ask(self, uri: str = URI, token: str = None, method: str = "GET", **headers) -> wire.Answer:
        pairs = {"X-Original-URI": uri, "X-Original-Method": method, "X-Real-IP": "192.0.2.7", **headers}
        return wire.request(self.stack.gate_addresses[0], "GET", "/auth", {**pairs, **(wire.bearer(token) if token else {})})

    def lines(self, path=None) -> list:
        """Every line, valid by the schema; half a line fails the test."""
        text = (path or self.path).read_text()
        self.assertTrue(text == "" or text.endswith("\n"), text[-200:])
        found = [json.loads(line) for line in text.splitlines()]
        for line in found[:ENOUGH]:
            SCHEMA.validate(line)
        return found

    def line_of(self, answer: wire.Answer) -> dict:
        """The line of that answer, once it is there."""
        wanted = answer.one("X-Portcullis-Id")
        return wait_until(lambda: [line for line in self.lines() if line["id"] == wanted], f"a line for {wanted}")[0]

    def test_a_line_says_who_asked_for_what_and_why_it_was_so_decided(self):
        self.start()
        allowed = self.line_of(self.ask(token=self.token, **{"User-Agent": 'skopeo/1.9 "x"', "X-Forwarded-For": "198.51.100.1, 192.0.2.7"}))
        refused = self.line_of(self.ask("/v2/team/other/manifests/latest", self.token))
        nobody = self.line_of(self.ask())
        forged = self.line_of(self.ask(token=FORGED))
        astray = self.line_of(self.ask("/v3/?access_token=hidden", self.token))

        facts = {name: allowed[name] for name in ("decision", "reason", "method", "route", "repository", "reference", "action", "username", "subject", "kid",
                                                  "client", "userAgent", "forwardedFor", "scope", "proof")}
        self.assertEqual(facts, {
            "decision": "allow", "reason": "allowed", "method": "GET", "route": "/v2/<name>/manifests/<reference>", "repository": "team/app",
            "reference": "latest", "action": "read", "username": "alice", "subject": "alice", "kid": "k1", "client": "192.0.2.7",
            "userAgent": 'skopeo/1.9 "x"', "forwardedFor": "198.51.100.1, 192.0.2.7", "scope": "granted", "proof": "token"})
        self.assertEqual((refused["decision"], refused["reason"], refused["username"], refused["scope"]), ("deny", "scope_insufficient", "alice", "insufficient"))
        self.assertEqual((nobody["reason"], nobody["proof"]), ("token_missing", "anonymous"))
        self.assertEqual((forged["reason"], forged["proof"], "username" in forged), ("bad_signature", "none", False))
        self.assertEqual((astray["reason"], astray["path"]), ("route_unknown", "/v3/"))
        self.assertNotIn("hidden", self.path.read_text())
        self.assertEqual(os.stat(self.path).st_mode & 0o7777, 0o640)

    def test_a_rotation_under_load_loses_no_line(self):
        self.start()
        load = Load(self.stack, "load", "/auth", {"X-Original-URI": URI, "X-Original-Method": "GET", **wire.bearer(self.token)}, address=self.stack.gate_addresses[0])
        for number in range(5):
            self.stack.wait_for_decisions(1000)
            os.rename(self.path, f"{self.path}.{number}")
            self.stack.gate.send(signal.SIGUSR1)
            wait_until(self.path.exists, "the file is made anew")
        statuses, lost = load.stop()
        self.assertEqual((list(statuses), lost), ([200], 0))
        self.stack.gate.send(signal.SIGTERM)
        self.stack.gate.child.wait(30)
        self.stack.admin = None  # nothing is left to look at there

        ids = [line["id"] for path in self.stack.folder.glob("decisions.jsonl*") for line in self.lines(path)]
        self.assertEqual(len(ids), len(set(ids)))
        self.assertGreaterEqual(len(ids), statuses[200])

    def test_a_reload_moves_it_switches_it_off_and_refuses_a_place_that_cannot_be(self):
        self.start()
        section = self.stack.config["portcullis"]

        def reload(output, result: str):
            section.pop("decisionLog", None)
            if output:
                section["decisionLog"] = {"output": output}
            before = self.stack.metric('portcullis_config_reload_total{result="%s"}' % result)
            self.stack.write_config()
            self.stack.reload()
            wait_until(lambda: self.stack.metric('portcullis_config_reload_total{result="%s"}' % result) > before, f"the reload is {result}")

        reload("absent/decisions.jsonl", "failed")
        self.assertTrue([line for line in self.stack.log() if "absent/decisions.jsonl: No such file" in str(line)])
        self.line_of(self.ask(token=self.token))
        reload("moved.jsonl", "good")
        self.path = self.stack.folder / "moved.jsonl"
        self.line_of(self.ask(token=self.token))
        reload(None, "good")
        wait_until(lambda: [line for line in self.stack.log() if "decisions are not logged any more" in str(line)], "it is off")
        before = len(self.lines())
        self.ask(token=self.token)
        reload("moved.jsonl", "good")
        self.line_of(self.ask(token=self.token))
        self.assertEqual(len(self.lines()), before + 1)

    def test_a_full_disk_drops_lines_and_no_request(self):
        self.start()
        self.line_of(self.ask(token=self.token))
        # A quota that is used up in the middle of the next line.
        limit = self.path.stat().st_size + 100
        resource.prlimit(self.stack.gate.pid, resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
        answers = [self.ask(token=self.token) for _ in range(3)]
        self.assertEqual([answer.status for answer in answers], [200] * 3)
        wait_until(lambda: self.stack.metric("portcullis_decision_log_failing") == 1, "the metric tells")
        resource.prlimit(self.stack.gate.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        wait_until(lambda: self.stack.metric("portcullis_decision_log_failing") == 0, "it is tried again")

        for answer in answers:
            self.line_of(answer)

    def test_a_full_disk_refuses_where_no_allow_may_go_unlogged(self):
        self.stack.config["portcullis"]["decisionLog"] = {"output": "/dev/full", "onFull": "refuse"}
        self.stack.start_gate(listen=("127.0.0.1:0",))
        self.token = self.stack.mint("k1", "repository:team/app:pull")
        self.ask(token=self.token)
        wait_until(lambda: self.stack.metric("portcullis_decision_log_failing") == 1, "the metric tells")

        answer = self.ask(token=self.token)

        self.assertEqual((answer.status, self.stack.reason_of(answer)), (503, "decision_log_full"))
        self.assertEqual(self.ask().status, 401)
        self.assertIn("decisionLog ok: /dev/full cannot be written, and nothing is allowed until it can", self.stack.ready("?verbose").body.decode())
        doctor = run([BINARY, "doctor", "gate.json", "--status", self.stack.admin, "--json"], self.stack.folder)
        failed = [(step["part"], step["step"]) for step in json.loads(doctor.stdout)["steps"] if step["result"] == "failed"]
        self.assertEqual((doctor.returncode, failed), (1, [("running gate", "decision log")]), doctor.stdout)

    def test_a_kill_leaves_half_a_line_at_most_and_the_next_start_goes_on_behind_it(self):
        self.start()
        Load(self.stack, "load", "/auth", {"X-Original-URI": URI, "X-Original-Method": "GET", **wire.bearer(self.token)}, address=self.stack.gate_addresses[0])
        wait_until(lambda: self.path.stat().st_size > 200_000, "there are lines")
        self.stack.gate.send(signal.SIGKILL)
        self.stack.gate.child.wait(30)
        self.stack.processes.remove(self.stack.gate)
        whole, _, half = self.path.read_bytes().rpartition(b"\n")
        for line in whole.splitlines()[-ENOUGH:]:
            SCHEMA.validate(json.loads(line))
        if not half:  # the kill came between two writes: make the half line that it may leave
            with open(self.path, "ab") as file:
                file.write(whole.splitlines()[0][:50])

        self.stack.gate.out.unlink()  # it told the ports of the first one
        self.stack.launch_gate()
        answer = self.ask(token=self.token)
        identity = answer.one("X-Portcullis-Id").encode()
        wait_until(lambda: identity in self.path.read_bytes(), "the next line is there")

        damaged = 0
        for line in self.path.read_bytes().splitlines():
            try:
                json.loads(line)
            except ValueError:
                damaged += 1
        self.assertEqual(damaged, 1)

    def test_a_link_that_leads_nowhere_is_no_place_to_start_with(self):
        os.symlink(self.stack.folder / "nowhere", self.stack.folder / "decisions.jsonl")
        self.stack.config["portcullis"]["decisionLog"] = {"output": "decisions.jsonl"}
        self.stack.complete_config(("127.0.0.1:0",))
        self.stack.write_config()

        done = run([BINARY, "serve", self.stack.folder / "gate.json"])

        self.assertEqual(done.returncode, 2)
        self.assertIn("is a symbolic link that leads nowhere", done.stderr)


if __name__ == "__main__":
    unittest.main()
