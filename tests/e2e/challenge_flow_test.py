#!/usr/bin/env python3
"""skopeo with a name and a password: it reads the challenge, fetches a token at the realm, and comes back with it."""
import pathlib
import tempfile
import unittest

from processes import run
from stack import SERVICE, Stack
from token_server import TokenServer

RIGHTS = {"alice": {"repository:team/app:pull", "repository:team/app:push"}, "bob": {"repository:team/app:pull"}}
USERS = {"alice": "alices-password-1", "bob": "bobs-password-12"}


class ChallengeFlow(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = stack = Stack().__enter__()
        cls.addClassCleanup(lambda: stack.__exit__(None, None, None))
        stack.make_key("k1", "ES256")
        for password in USERS.values():
            stack.canaries.add(password)
        cls.server = TokenServer(lambda user, entries: stack.mint("k1", *entries, subject=user), USERS, RIGHTS).__enter__()
        cls.addClassCleanup(lambda: cls.server.__exit__())
        stack.config["http"]["auth"]["bearer"]["realm"] = cls.server.realm
        stack.start_registry()
        stack.start_gate()
        stack.start_nginx()

    def push(self, user: str, repository: str, image: str):
        return run(["skopeo", "--insecure-policy", "copy", "--dest-tls-verify=false", "--dest-creds", f"{user}:{USERS[user]}", f"oci:{image}:latest",
                    f"docker://{self.stack.front}/{repository}:latest"])

    def pull(self, user: str, repository: str):
        folder = tempfile.mkdtemp(prefix="pulled.", dir=self.stack.folder)
        return run(["skopeo", "--insecure-policy", "copy", "--src-tls-verify=false", "--src-creds", f"{user}:{USERS[user]}",
                    f"docker://{self.stack.front}/{repository}:latest", f"oci:{folder}:latest"]), folder

    def test_a_user_with_the_right_pushes_and_another_pulls(self):
        image, digest = self.stack.image()

        pushed = self.push("alice", "team/app", image)
        pulled, folder = self.pull("bob", "team/app")

        self.assertEqual((pushed.returncode, pushed.stderr), (0, ""))
        self.assertEqual((pulled.returncode, pulled.stderr), (0, ""))
        self.assertTrue((pathlib.Path(folder) / "blobs" / digest.replace(":", "/")).exists())
        services = {service for service, _ in self.server.asked}
        self.assertEqual(services, {SERVICE})

    def test_a_user_without_the_right_does_not_push(self):
        image, _ = self.stack.image("Not by bob.\n")
        before = self.stack.stored_files()

        pushed = self.push("bob", "team/app", image)

        self.assertNotEqual(pushed.returncode, 0)
        self.assertEqual(self.stack.stored_files(), before)

    def test_a_user_sees_no_other_repository(self):
        pulled, _ = self.pull("bob", "team/secret")

        self.assertNotEqual(pulled.returncode, 0)


if __name__ == "__main__":
    unittest.main()
