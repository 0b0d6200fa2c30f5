#!/usr/bin/env python3
"""The command line in a shell: full disks, closed streams, pipes, and arguments that should have been files."""
import shlex
import unittest

from processes import run
from stack import BINARY, Stack

COMMANDS = ("version", "--version", "--help", "routes", "key generate")


class CommandLine(unittest.TestCase):
    def setUp(self):
        self.stack = self.enterContext(Stack())

    def shell(self, command: str):
        return run(["bash", "-c", command.replace("portcullis", shlex.quote(str(BINARY)))], self.stack.folder)

    def assert_lost(self, command: str, cause: str):
        with self.subTest(command):
            done = self.shell(command)
            self.assertEqual((done.returncode, done.stderr.splitlines()[-1:]), (2, [f"portcullis: standard output: {cause}"]))

    def test_an_answer_that_cannot_be_written_is_none(self):
        for command in COMMANDS:
            self.assert_lost(f"portcullis {command} > /dev/full", "No space left on device")
            self.assert_lost(f"portcullis {command} >&-", "Bad file descriptor")

    def test_a_token_that_a_full_disk_lost_is_told(self):
        self.assertEqual(self.shell("portcullis key generate --private a.pem --keys keys.json").returncode, 0)
        self.assert_lost("portcullis token mint --key a.pem > /dev/full", "No space left on device")

    def test_a_reader_that_wants_no_more_is_no_error(self):
        done = self.shell("set -o pipefail; portcullis routes | true; portcullis routes | head -1")
        self.assertNotIn("standard output", done.stderr)

    def test_a_command_that_prints_nothing_needs_no_output(self):
        done = self.shell("portcullis key generate --private a.pem --public b.pem >&-")
        self.assertEqual((done.returncode, (self.stack.folder / "b.pem").exists()), (0, True), done.stderr)

    def test_a_gate_whose_streams_are_closed_writes_its_log_into_no_other_file(self):
        self.stack.make_key("k1")
        self.stack.complete_config(("unix:gate.sock",))
        self.stack.write_config()
        gate = self.stack.start("closed", ["bash", "-c", f"exec {shlex.quote(str(BINARY))} serve gate.json <&- >&- 2>&-"])
        gate.wait_until((self.stack.folder / "gate.sock").exists, "the socket")
        streams = [f"/proc/{gate.pid}/fd/{number}" for number in range(3)]
        self.assertEqual([run(["readlink", stream]).stdout.strip() for stream in streams], ["/dev/null"] * 3)
        self.assertEqual(gate.stop(), 0)

    def test_a_token_comes_through_a_pipe_and_never_as_an_argument(self):
        self.stack.make_key("k1")
        self.stack.complete_config(("unix:gate.sock",))
        self.stack.write_config()
        token = self.stack.mint("k1", "repository:team/app:pull")
        (self.stack.folder / "alice.token").write_text(token + "\n")
        asked = "--repository team/app --action pull"

        self.assertEqual(self.shell(f"portcullis verify gate.json --token <(cat alice.token) {asked}").returncode, 0)
        self.assertEqual(self.shell(f"cat alice.token | portcullis verify gate.json --token /dev/stdin {asked}").returncode, 0)
        for mistaken in ('--token "$(cat alice.token)"', '--token="$(cat alice.token)"', '"$(cat alice.token)"'):
            done = self.shell(f"portcullis verify gate.json {mistaken} {asked}")
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            self.assertIn("a file, or - for standard input", done.stderr)
            self.assertIn(token[:8] + "…", done.stderr)
            self.assertNotIn(token[:40], done.stderr)
        helper = self.shell('portcullis docker-credential "$(cat alice.token)"')
        self.assertEqual((helper.returncode, helper.stdout.strip()), (1, f"docker-credential-portcullis: unknown action: {token[:8]}…"))


if __name__ == "__main__":
    unittest.main()
