#!/usr/bin/env python3
"""The broker's pages and examples for the command line are taken as they stand: they load, pass the check, and do what they say."""
import json
import pathlib
import unittest

import yaml

from fake_cloud import BINARY, REGION, FakeCloud
from processes import run
from stack import EXAMPLES, ROOT

COMPANY = "company.jfrog.io"


class Pages(unittest.TestCase):
    """What the pages and examples show is taken as it stands."""

    def setUp(self):
        self.cloud = self.enterContext(FakeCloud())
        self.cloud.start()

    def listed(self, config: pathlib.Path) -> set:
        done = self.cloud.portcullis("docker-credential", "list", "--config", str(config))
        self.assertEqual(done.returncode, 0, done.stdout)
        return {host.removeprefix("https://") for host in json.loads(done.stdout)}

    def test_the_helpers_of_the_docker_example_are_those_of_its_configuration(self):
        helpers = json.loads((EXAMPLES / "docker/config.json").read_text())["credHelpers"]

        self.assertEqual(set(helpers.values()), {"portcullis"})
        self.assertLessEqual(helpers.keys(), self.listed(EXAMPLES / "docker/portcullis.json"))

    def test_a_file_for_the_commands_alone_passes_the_check_and_is_no_gate(self):
        documents = yaml.safe_load_all((EXAMPLES / "kubernetes/pull-secrets.yaml").read_text())
        (config_map,) = [document for document in documents if document["kind"] == "ConfigMap"]
        for text in ((EXAMPLES / "docker/portcullis.json").read_text(), config_map["data"]["gate.json"]):
            whole = json.loads(text)
            self.cloud.write("commands.json", text)

            checked = self.cloud.portcullis("check", "--strict", "commands.json")
            served = self.cloud.portcullis("serve", "commands.json")

            self.assertEqual(checked.returncode, 0, checked.stdout)
            self.assertIn("the commands of portcullis.broker work, and `portcullis serve` needs it", checked.stdout)
            self.assertEqual(served.returncode, 2, served.stderr)
            self.assertIn("realm and service must be specified", served.stderr)
            whole["portcullis"]["broker"]["policy"] = [{"users": ["alice"]}]
            self.cloud.write("commands.json", json.dumps(whole))
            self.assertEqual(self.cloud.portcullis("check", "commands.json").returncode, 1, "callers ask a gate")

    def test_the_configurations_of_the_pages_load_and_their_policies_are_printed(self):
        whole = json.loads((EXAMPLES / "nginx/gate.json").read_text())
        ecr = f"123456789012.dkr.ecr.{REGION}.amazonaws.com"
        for page, host, role in (("artifactory.md", COMPANY, "role/artifactory"), ("ecr-cross-account.md", ecr, "role/portcullis-pull")):
            with self.subTest(page):
                text = (ROOT / "docs" / page).read_text()
                whole["portcullis"]["broker"] = json.loads(text.split("```json\n")[1].split("```")[0])["portcullis"]["broker"]
                config = self.cloud.write("page.json", json.dumps(whole))

                printed = self.cloud.portcullis("iam-policy", str(config), "--principal", "arn:aws:iam::444455556666:role/portcullis", "--json")

                self.assertIn(host, self.listed(config))
                self.assertEqual(printed.returncode, 0, printed.stderr)
                policies = json.loads(printed.stdout)["brokerRoles"][f"arn:aws:iam::123456789012:{role}"]
                self.assertEqual(policies["trust"]["Statement"][0]["Principal"]["AWS"], "arn:aws:iam::444455556666:role/portcullis")
                self.assertTrue(policies["permissions"]["Statement"])

    def test_the_kubelet_is_told_the_words_that_the_command_takes(self):
        text = (EXAMPLES / "kubernetes/registry-credential-provider.yaml").read_text()
        words = json.loads(text.split("args: ")[1].splitlines()[0])
        hosts = json.loads(text.split("matchImages: ")[1].splitlines()[0])
        words[words.index("--config") + 1] = str(EXAMPLES / "docker/portcullis.json")
        request = {"kind": "CredentialProviderRequest", "apiVersion": "credentialprovider.kubelet.k8s.io/v1", "image": "other.example/app"}
        with self.cloud.write("request", json.dumps(request)).open() as stdin:
            done = run([BINARY, *words], self.cloud.folder, env=self.cloud.clean(), stdin=stdin)

        self.assertEqual((done.returncode, json.loads(done.stdout)["auth"]), (0, None), done.stderr)
        self.assertLessEqual(set(hosts), self.listed(EXAMPLES / "docker/portcullis.json"))


if __name__ == "__main__":
    unittest.main()
