#!/usr/bin/env python3
"""`./quickstart` does what it says: with --once, twice at once, in a plain terminal, and left running until it is stopped as it tells."""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from processes import DEADLINE, run, wait_until
from fake_cloud import CLOUD
from stack import BINARY, ROOT
import wire


class Quickstart(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="portcullis-qs."))
        self.addCleanup(shutil.rmtree, self.folder)
        self.environment = {**os.environ, "XDG_RUNTIME_DIR": str(self.folder), "NO_COLOR": "1", "TERM": "dumb", "PORTCULLIS_FAKE_AWS": str(CLOUD)}

    def start(self, *arguments):
        return subprocess.Popen([ROOT / "quickstart", "--binary", BINARY, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                stdin=subprocess.DEVNULL, env=self.environment)

    def finish(self, child) -> str:
        output, _ = child.communicate(timeout=6 * DEADLINE)
        self.assertEqual(child.returncode, 0, output)
        return output

    def test_once_shows_everything_and_leaves_nothing(self):
        output = self.finish(self.start("--once"))

        self.assertNotIn("FAIL", output)
        self.assertNotIn("\x1b", output)
        for reason in ("token_missing", "scope_insufficient", "token_expired"):
            self.assertIn(reason, output)
        self.assertIn("nothing was written to the registry", output)
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_with_keys_from_an_aws_it_shows_a_rotation_too(self):
        output = self.finish(self.start("--aws", "--once"))

        self.assertNotIn("FAIL", output)
        self.assertIn("a token of the new key is let in, without a restart", output)
        self.assertIn("a token of the old key is refused", output)
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_left_running_with_an_aws_the_key_can_be_taken_away_as_it_says(self):
        output = self.finish(self.start("--aws"))
        try:
            tried = re.search(r"^  (curl -i -H @\S+ http://\S+/v2/demo/hello/tags/list)$", output, re.MULTILINE).group(1)
            self.assertIn("200 OK", run(["bash", "-c", tried]).stdout)
            taken = re.search(r"^  (AWS_CONFIG_FILE=.*\\\n.*)$", output, re.MULTILINE).group(1)
            done = run(["bash", "-c", taken])
            self.assertEqual(done.returncode, 0, done.stderr)
            wait_until(lambda: "401 Unauthorized" in run(["bash", "-c", tried]).stdout, "the token is worth nothing")
        finally:
            run(["bash", "-c", re.search(r"^  (kill .*; rm -rf .*)$", output, re.MULTILINE).group(1)])
        wait_until(lambda: not list(self.folder.iterdir()), "nothing is left")

    def test_an_aws_that_is_not_there_is_a_usage_error(self):
        self.environment["PORTCULLIS_FAKE_AWS"] = ""
        child = self.start("--aws", "--once")
        output, _ = child.communicate(timeout=DEADLINE)

        self.assertEqual(child.returncode, 2)
        self.assertIn("PORTCULLIS_FAKE_AWS", output)

    def test_two_at_once_do_not_meet(self):
        both = [self.start("--once"), self.start("--once")]

        for child in both:
            self.assertNotIn("FAIL", self.finish(child))

    def test_left_running_it_can_be_tried_and_stopped_as_it_says(self):
        output = self.finish(self.start())
        try:
            tried = re.search(r"^  (curl -i -H @\S+ (http://\S+)/v2/demo/hello/tags/list)$", output, re.MULTILINE)
            self.assertIn('{"name":"demo/hello","tags":["latest"]}', run(["bash", "-c", tried.group(1)]).stdout)
            explained = re.search(r"^  (\S+ verify .*)$", output, re.MULTILINE)
            self.assertEqual(run(["bash", "-c", explained.group(1)]).returncode, 1, "verify says no to a push with the pull token")
        finally:
            stop = re.search(r"^  (kill .*; rm -rf .*)$", output, re.MULTILINE)
            run(["bash", "-c", stop.group(1)])
        address = tried.group(2).removeprefix("http://")
        wait_until(lambda: not wire.is_listening(address), "nginx is gone")
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_an_unknown_argument_is_a_usage_error(self):
        done = run([ROOT / "quickstart", "--twice"])

        self.assertEqual(done.returncode, 2)
        self.assertIn("usage:", done.stderr)


if __name__ == "__main__":
    unittest.main()
