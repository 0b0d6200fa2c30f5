#!/usr/bin/env python3
"""Keys change while requests come in: the new one is accepted, the removed one refused, and no answer is wrong or lost."""
import json
import os
import unittest

from load import Load
from processes import wait_until
from stack import Stack
import wire

MANIFEST = "/v2/team/app/tags/list"


class Rotation(unittest.TestCase):
    def setUp(self):
        self.stack = Stack().__enter__()
        self.addCleanup(self.leave)
        for key in ("steady", "old"):
            self.stack.make_key(key)
        self.stack.start_registry()
        self.stack.start_gate()
        self.stack.start_nginx()
        image, _ = self.stack.image()
        pushed = self.stack.push("team/app", self.stack.mint("steady", "repository:team/app:pull,push"), image)
        self.assertEqual(pushed.returncode, 0, pushed.stderr)

    def leave(self):
        self.stack.__exit__(None, None, None)

    def token(self, key):
        return self.stack.mint(key, "repository:team/app:pull")

    def status(self, token):
        return self.stack.ask("GET", MANIFEST, token).status

    def replace_keys(self, keys: dict):
        """By rename, as a deployment does."""
        new = self.stack.folder / "keys.json.new"
        new.write_text(json.dumps(keys))
        os.replace(new, self.stack.keys_file)

    def test_rotation_under_load_gives_no_wrong_and_no_lost_answer(self):
        steady, old = self.token("steady"), self.token("old")
        keys = json.loads(self.stack.keys_file.read_text())
        steady_load = Load(self.stack, "steady-load", MANIFEST, wire.bearer(steady))
        old_load = Load(self.stack, "old-load", MANIFEST, wire.bearer(old))
        self.stack.wait_for_decisions(1000)
        self.assertEqual(self.status(old), 200)

        self.stack.make_key("new", "ES256", keys_file=self.stack.folder / "new-key.json")
        keys.update(json.loads((self.stack.folder / "new-key.json").read_text()))
        new = self.token("new")
        self.replace_keys(keys)
        wait_until(lambda: self.status(new) == 200, "the new key is accepted")
        self.assertEqual(self.status(old), 200, "the old key serves beside the new one")

        del keys["old"]
        self.replace_keys(keys)
        wait_until(lambda: self.status(old) == 401, "the removed key is refused, its cached tokens included")
        # The load with the removed key goes on, and of its refusals only so many a second are logged: which ones is chance, what they say is not.
        wait_until(lambda: any(entry.get("reason") == "key_unknown" and entry.get("detail", "").endswith("kid old") for entry in self.stack.log()),
                   "the log says that the removed key is unknown")
        self.assertEqual(self.status(new), 200)

        self.stack.wait_for_decisions(1000)
        statuses, lost = steady_load.stop()
        self.assertEqual((list(statuses), lost), ([200], 0), "a key that stays never fails")
        statuses, lost = old_load.stop()
        self.assertEqual((sorted(statuses), lost), ([200, 401], 0), "a key that goes is accepted, then refused, and nothing else")
        self.assertTrue(all(process.is_running() for process in self.stack.processes if process.name in ("gate", "nginx", "registry")))

    def test_a_file_that_turns_to_garbage_leaves_the_old_keys_serving_and_says_so(self):
        steady = self.token("steady")
        self.assertEqual(self.status(steady), 200)
        good = json.loads(self.stack.keys_file.read_text())
        failed = self.failed_rounds()

        self.stack.keys_file.write_text("this is no JSON")

        wait_until(lambda: self.failed_rounds() > failed, "the metric counts the failed round")
        self.assertEqual(self.status(steady), 200)
        self.assertEqual(self.stack.metric('portcullis_keyset_state{source="file",state="stale"}'), 1)
        page = self.stack.ready("?verbose")
        self.assertEqual(page.status, 200, "the old keys are within their bound")
        self.assertIn("file is stale", page.body.decode())
        self.assertIn("secret_malformed", page.body.decode())
        wait_until(lambda: [line for line in self.stack.log() if "secret_malformed" in line.get("fault", "")], "the log says why")

        self.replace_keys({name: key for name, key in good.items() if name == "steady"})

        wait_until(lambda: self.stack.metric('portcullis_keyset_state{source="file",state="fresh"}') == 1, "a good file heals it")

    def failed_rounds(self) -> float:
        return self.stack.metric('portcullis_keyset_refresh_total{source="file",result="failed"}')

    def test_one_bad_entry_is_set_aside_and_the_others_serve(self):
        keys = json.loads(self.stack.keys_file.read_text())
        keys["broken"] = "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"

        self.replace_keys(keys)

        wait_until(lambda: self.stack.metric('portcullis_keyset_quarantined{source="file"}') == 1, "the metric counts the entry")
        self.assertEqual(self.status(self.token("steady")), 200)


if __name__ == "__main__":
    unittest.main()
