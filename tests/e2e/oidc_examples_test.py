#!/usr/bin/env python3
"""examples/oidc/ and examples/kubernetes/: each mapping is run on its platform's claims, offline, as docs/oidc.md says; so are the commands of that page."""
import base64
import json
import pathlib
import re
import shlex
import tempfile
import unittest

import yaml

from openid import OfflineIssuer
from processes import run
from stack import BINARY, EXAMPLES, ROOT
import wire

FOLDER = EXAMPLES / "oidc"
# Of each platform: its files, the user and groups that its claims become, what that user may do, and what nobody of that platform may.
PLATFORMS = {
    "kubernetes": {
        "gate": "gate-kubernetes.json", "claims": "kubernetes.claims.json", "user": "system:serviceaccount:shop:builder",
        "groups": ["system:serviceaccounts:shop"],
        "allowed": [("PUT", "/v2/shop/app/manifests/v1"), ("GET", "/v2/base/debian/manifests/12")],
        "denied": [("DELETE", "/v2/shop/app/manifests/v1"), ("PUT", "/v2/base/debian/manifests/12"), ("GET", "/v2/other/app/manifests/v1")],
        "refused": {"kubernetes.io": {"namespace": "shop", "serviceaccount": {"name": "builder"}}},
    },
    "github": {
        "gate": "gate-github.json", "claims": "github.claims.json", "user": "github:octo-org/octo-repo", "groups": ["github:main"],
        "allowed": [("PUT", "/v2/octo-org/octo-repo/manifests/v1"), ("GET", "/v2/octo-org/octo-repo/manifests/v1")],
        "denied": [("DELETE", "/v2/octo-org/octo-repo/manifests/v1"), ("GET", "/v2/octo-org/other/manifests/v1")],
        "refused": {"repository_owner_id": "66"},
        "elsewhere": {"ref": "refs/heads/feature", "ref_protected": "false"},
    },
    "gitlab": {
        "gate": "gate-gitlab.json", "claims": "gitlab.claims.json", "user": "gitlab:mygroup/myproject", "groups": ["gitlab:protected"],
        "allowed": [("PUT", "/v2/mygroup/myproject/manifests/v1"), ("GET", "/v2/mygroup/myproject/manifests/v1")],
        "denied": [("DELETE", "/v2/mygroup/myproject/manifests/v1"), ("GET", "/v2/mygroup/other/manifests/v1")],
        "refused": {"namespace_path": "mygroup2/sub"},
        "elsewhere": {"ref": "feature", "ref_protected": "false"},
    },
    "buildkite": {
        "gate": "gate-buildkite.json", "claims": "buildkite.claims.json", "user": "buildkite:super-duper-app", "groups": ["buildkite:main"],
        "allowed": [("PUT", "/v2/super-duper-app/manifests/v1"), ("GET", "/v2/super-duper-app/manifests/v1")],
        "denied": [("DELETE", "/v2/super-duper-app/manifests/v1"), ("GET", "/v2/other/manifests/v1")],
        "refused": {"organization_slug": "acme"},
        "elsewhere": {"build_branch": "feature"},
    },
    "people": {
        "gate": "gate-people.json", "claims": "people.claims.json", "user": "alice", "groups": ["platform", "developers"],
        "allowed": [("GET", "/v2/team/app/manifests/v1"), ("PUT", "/v2/public/app/manifests/v1"), ("DELETE", "/v2/team/app/manifests/v1")],
        "denied": [],
        "refused": {"email_verified": False},
    },
}


class Mappings(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="portcullis-oidc.")))
        cls.issuer = OfflineIssuer(cls.folder)

    def config(self, platform: dict) -> pathlib.Path:
        """The example with the keys in a file, so that nobody is asked over the network."""
        config = json.loads((FOLDER / platform["gate"]).read_text())
        (entry,) = config["http"]["auth"]["bearer"]["oidc"]
        for name in ("certificateAuthorityFile", "discoveryTokenFile", "jwksHosts"):
            entry.pop(name, None)
        entry["jwksFile"] = str(self.issuer.jwks)
        path = self.folder / platform["gate"]
        path.write_text(json.dumps(config))
        return path

    def verify(self, platform: dict, method: str, uri: str, **changes) -> dict:
        """What `portcullis verify --json` says of the platform's claims, with fresh times and these changes."""
        now = wire.unix_now()
        claims = {**json.loads((FOLDER / platform["claims"]).read_text()), "iat": now - 5, "nbf": now - 5, "exp": now + 300, **changes}
        token = self.folder / "job.token"
        token.write_text(self.issuer.token(claims))
        done = run([BINARY, "verify", self.config(platform), "--token", token, "--method", method, "--uri", uri, "--json"])
        self.assertIn(done.returncode, (0, 1), done.stdout + done.stderr)
        return json.loads(done.stdout)

    def test_each_makes_the_names_that_its_policies_mean(self):
        for name, platform in PLATFORMS.items():
            with self.subTest(name):
                verdict = self.verify(platform, *platform["allowed"][0])
                self.assertEqual((verdict["username"], verdict["groups"]), (platform["user"], platform["groups"]), verdict)

    def test_each_grants_what_it_should_and_nothing_else(self):
        for name, platform in PLATFORMS.items():
            for decision in ("allowed", "denied"):
                for method, uri in platform[decision]:
                    with self.subTest(name, method=method, uri=uri):
                        verdict = self.verify(platform, method, uri)
                        self.assertEqual(verdict["decision"], "allow" if decision == "allowed" else "deny", verdict)

    def test_each_refuses_tokens_that_its_validations_are_there_for(self):
        for name, platform in PLATFORMS.items():
            with self.subTest(name):
                verdict = self.verify(platform, *platform["allowed"][0], **platform["refused"])
                self.assertEqual(verdict["reason"], "claim_validation_failed", verdict)

    def test_each_refuses_tokens_for_another_audience(self):
        for name, platform in PLATFORMS.items():
            with self.subTest(name):
                self.assertEqual(self.verify(platform, *platform["allowed"][0], aud="another.example.com")["reason"], "audience_mismatch")

    def test_other_branches_may_read_and_not_push(self):
        for name, platform in PLATFORMS.items():
            if "elsewhere" not in platform:
                continue
            with self.subTest(name):
                push, pull = platform["allowed"]
                self.assertEqual(self.verify(platform, *push, **platform["elsewhere"])["decision"], "deny")
                self.assertEqual(self.verify(platform, *pull, **platform["elsewhere"])["decision"], "allow")


class Kubernetes(unittest.TestCase):
    def documents(self, name: str) -> list:
        return list(yaml.safe_load_all((EXAMPLES / "kubernetes" / name).read_text()))

    def test_everybody_speaks_of_the_same_audience(self):
        (entry,) = json.loads((FOLDER / "gate-kubernetes.json").read_text())["http"]["auth"]["bearer"]["oidc"]
        job = self.documents("pod.yaml")[1]
        (volume,) = job["spec"]["template"]["spec"]["volumes"]
        (provider,) = self.documents("credential-provider.yaml")[0]["providers"]

        self.assertEqual(volume["projected"]["sources"][0]["serviceAccountToken"]["audience"], entry["audiences"][0])
        self.assertEqual(provider["tokenAttributes"]["serviceAccountTokenAudience"], entry["audiences"][0])
        self.assertEqual(provider["name"], "portcullis-credential-provider")

    def test_discovery_is_allowed_to_the_gate(self):
        account, binding = self.documents("discovery.yaml")

        self.assertEqual(binding["subjects"], [{"kind": "ServiceAccount", **{key: account["metadata"][key] for key in ("name", "namespace")}}])
        self.assertEqual(binding["roleRef"]["name"], "system:service-account-issuer-discovery")

    def test_the_credential_provider_hands_the_token_on(self):
        request = {"apiVersion": "credentialprovider.kubelet.k8s.io/v1", "kind": "CredentialProviderRequest",
                   "image": "registry.example.com/shop/app", "serviceAccountToken": "a.b.c"}
        for token, auth in (("a.b.c", {"registry.example.com": {"username": "serviceaccount", "password": "a.b.c"}}), ("", {})):
            done = run([EXAMPLES / "kubernetes/portcullis-credential-provider"], input=json.dumps({**request, "serviceAccountToken": token}))

            self.assertEqual((done.returncode, done.stderr), (0, ""))
            answer = json.loads(done.stdout)
            self.assertEqual((answer["kind"], answer["apiVersion"], answer["auth"]), ("CredentialProviderResponse", request["apiVersion"], auth))


class Page(unittest.TestCase):
    text = (ROOT / "docs/oidc.md").read_text()

    def test_its_claims_are_those_of_the_examples(self):
        samples = [json.loads(path.read_text()) for path in FOLDER.glob("*.claims.json")]
        blocks = [json.loads(block) for block in re.findall(r"```json\n(\{.*?\n\})\n```", self.text, re.DOTALL)]
        shown = [block for block in blocks if "sub" in block]

        self.assertEqual(len(shown), len(PLATFORMS))
        for block in shown:
            (sample,) = [one for one in samples if one["iss"] == block["iss"]]
            for name, value in block.items():
                if isinstance(value, dict):
                    self.assertLessEqual(set(value), set(sample[name]))
                    for inner, part in value.items():
                        self.assertEqual(part, sample[name][inner])
                else:
                    self.assertEqual(value, sample[name])

    def test_its_expression_works_on_the_claims_of_a_token(self):
        (commands,) = re.findall(r"```sh\n(jq -R .*?)```", self.text, re.DOTALL)
        claims = (FOLDER / "github.claims.json").read_bytes()
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            (folder / "portcullis").symlink_to(BINARY)
            (folder / "job.token").write_text(".".join(["e30", base64.urlsafe_b64encode(claims).decode().rstrip("="), "c2ln"]) + "\n")

            done = run(["sh", "-ec", "PATH=$PWD:$PATH\n" + commands], folder)

        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(done.stdout, '"github:octo-org/octo-repo"\n')

    def test_its_offline_judgement_works_with_the_example_as_it_is(self):
        (command,) = re.findall(r"portcullis (verify gate\.json --oidc-keys .*?)\n```", self.text, re.DOTALL)
        now = wire.unix_now()
        claims = {**json.loads((FOLDER / "github.claims.json").read_text()), "iat": now - 5, "nbf": now - 5, "exp": now + 300}
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            issuer = OfflineIssuer(folder)
            issuer.jwks.rename(folder / "jwks.json")
            (folder / "gate.json").write_text((FOLDER / "gate-github.json").read_text())
            (folder / "job.token").write_text(issuer.token(claims))

            done = run([BINARY, *shlex.split(command.replace("\\\n", ""))], folder)

        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("github:octo-org/octo-repo", done.stdout)

    def test_its_issuer_loads(self):
        (entry,) = [block for block in re.findall(r"```json\n(\{.*?\n\})\n```", self.text, re.DOTALL) if '"issuer"' in block]
        config = json.loads((FOLDER / "gate-github.json").read_text())
        config["http"]["auth"]["bearer"]["oidc"] = [json.loads(entry)]
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "gate.json"
            path.write_text(json.dumps(config))

            done = run([BINARY, "check", "--strict", path])

        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
