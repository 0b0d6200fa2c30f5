#!/usr/bin/env python3
"""`portcullis pull-secret`: what it writes opens a registry for skopeo, kubectl takes it, and a Kubernetes API holds what it should and nothing else."""
import base64
import json
import os
import random
import re
import signal
import subprocess
import unittest

import yaml

from broker_stack import EXTERNAL_ID, HOST, BrokerStack, WithBroker
from fake_cloud import BINARY, role_arn
from fake_kube import FakeKube, new_token
from processes import DEADLINE, run
from stack import EXAMPLES, ROOT

SELECTED = {"portcullis.internal/pulls": "true"}


def documents(name: str) -> list:
    return list(yaml.safe_load_all((EXAMPLES / "kubernetes" / name).read_text()))


def of_kind(name: str, kind: str) -> dict:
    (found,) = [document for document in documents(name) if document["kind"] == kind]
    return found


class PullStack(BrokerStack):
    """The cloud, the registry, and a configuration whose registry goes by its address here."""

    def begin(self):
        self.new_password()
        self.start_registry()
        image, _ = self.image()
        self.pushed = image

    def write_pull_secrets(self, *pull_secrets: dict, external_id: str = EXTERNAL_ID):
        """The configuration of examples/kubernetes/pull-secrets.yaml, for the registry of this stack, with these pull secrets."""
        config = json.loads(of_kind("pull-secrets.yaml", "ConfigMap")["data"]["gate.json"])
        login = {"ecr": HOST, "assumeRoleArn": role_arn("pull"), "externalId": external_id}
        (example,) = config["portcullis"]["broker"]["pullSecrets"]
        entries = [{**one, "registries": [self.registry]} for one in (pull_secrets or (example,))]
        config["portcullis"]["broker"] = {"registries": {self.registry: login}, "pullSecrets": entries}
        (self.folder / "pulls.json").write_text(json.dumps(config))

    def pull_secret(self, *words: str, **environment):
        return run([BINARY, "pull-secret", "pulls.json", *words], self.folder, env={**self.gate_environment, **environment})

    def copy(self, authfile, *words: str):
        """skopeo pushes with what is in that file, and pulls again."""
        where = f"docker://{self.registry}/team/app:latest"
        flags = ["skopeo", "--insecure-policy", "copy", "--authfile", authfile, *words]
        pushed = run([*flags, "--dest-tls-verify=false", f"oci:{self.pushed}:latest", where])
        if pushed.returncode != 0:
            return pushed
        return run([*flags, "--src-tls-verify=false", where, f"dir:{self.folder / 'pulled'}"])


class WithStack(WithBroker):
    stack_type = PullStack

    def setUp(self):
        super().setUp()
        self.stack.begin()
        self.secrets = self.stack.folder / "out.secret"  # a folder whose files are there to hold secrets
        self.secrets.mkdir()

    def to_files(self) -> dict:
        return {"name": "files", "secrets": [{"name": "regcred"}, {"name": "plain", "type": "generic"}], "folder": "out.secret"}

    def assert_done(self, answer):
        self.assertEqual(answer.returncode, 0, answer.stdout + answer.stderr)
        return answer.stdout

    def take_away_files(self):
        """Before the stack looks for secrets in every file below its folder."""
        for path in self.secrets.iterdir():
            path.unlink()


class Files(WithStack):
    def tearDown(self):
        self.take_away_files()

    def test_skopeo_pushes_and_pulls_with_the_file(self):
        self.stack.write_pull_secrets(self.to_files())

        said = self.assert_done(self.stack.pull_secret("--once"))

        self.assertIn("files: 0 created, 2 renewed, 0 kept, 0 removed; the login ends at ", said)
        self.assert_done(self.stack.copy(self.secrets / "regcred.json"))
        self.assertEqual((self.secrets / "plain.user").read_text(), "AWS")
        self.assertEqual((self.secrets / "plain.token").read_text(), self.stack.password)
        for path in self.secrets.iterdir():
            self.assertEqual(path.stat().st_mode & 0o777, 0o600, path)

    def test_the_registry_refuses_the_file_of_before(self):
        self.stack.write_pull_secrets(self.to_files())
        self.assert_done(self.stack.pull_secret())
        self.stack.new_password()
        self.assertNotEqual(self.stack.copy(self.secrets / "regcred.json").returncode, 0)

        self.assert_done(self.stack.pull_secret())

        self.assert_done(self.stack.copy(self.secrets / "regcred.json"))

    def test_a_failure_leaves_the_file_and_says_what_to_do(self):
        self.stack.write_pull_secrets(self.to_files())
        self.assert_done(self.stack.pull_secret())
        before = (self.secrets / "regcred.json").read_text()
        self.stack.write_pull_secrets(self.to_files(), external_id="somebody-elses")

        failed = self.stack.pull_secret("--json")

        self.assertEqual(failed.returncode, 1)
        self.assertEqual(json.loads(failed.stdout)["ok"], False)
        for words in ("AccessDenied", role_arn("pull")):
            self.assertIn(words, failed.stderr)
        self.assertEqual((self.secrets / "regcred.json").read_text(), before)

    def test_killed_at_any_moment_it_leaves_a_whole_file(self):
        self.stack.write_pull_secrets(self.to_files())
        self.assert_done(self.stack.pull_secret())
        command = [BINARY, "pull-secret", "pulls.json", "--once"]
        for _ in range(40):
            self.stack.new_password("cloud")
            child = subprocess.Popen([str(word) for word in command], cwd=self.stack.folder, env=self.stack.gate_environment, stdout=subprocess.DEVNULL,
                                     stderr=subprocess.DEVNULL)
            try:
                child.wait(random.uniform(0, 0.1))
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
            auth = json.loads((self.secrets / "regcred.json").read_text())["auths"][self.stack.registry]["auth"]
            self.assertEqual(len(base64.b64decode(auth)), len("AWS:" + self.stack.password))

    def test_watching_renews_and_follows_the_configuration(self):
        self.cloud.control(ecrPasswordSeconds=13)
        self.stack.write_pull_secrets(self.to_files())
        watcher = self.stack.start("watcher", [BINARY, "pull-secret", "pulls.json", "--watch", "--poll", "1s"], self.stack.gate_environment)
        first = watcher.wait_until(lambda: (self.secrets / "regcred.json").exists() and (self.secrets / "regcred.json").read_text(), "the file is there")
        self.stack.new_password()

        watcher.wait_until(lambda: (self.secrets / "regcred.json").read_text() != first, "the login is renewed")
        self.assert_done(self.stack.copy(self.secrets / "regcred.json"))
        self.stack.write_pull_secrets({**self.to_files(), "secrets": [{"name": "renamed"}]})
        watcher.wait_until((self.secrets / "renamed.json").exists, "the new name is written")
        (self.stack.folder / "pulls.json").write_text("{")
        watcher.wait_until(lambda: "the old one stays" in watcher.output(), "the fault is logged")

        watcher.send(signal.SIGTERM)
        self.assertEqual(watcher.child.wait(30), 0)

    def test_usage_is_judged(self):
        self.stack.write_pull_secrets(self.to_files())
        for words, said in ((["--watch", "--once"], "--watch goes with"), (["--stdout", "--remove"], "exclude each other"), (["--poll", "0s"], "--poll must be"),
                            (["--name", "nobody"], "no pull secret is called nobody")):
            answer = self.stack.pull_secret(*words)
            self.assertEqual(answer.returncode, 2, words)
            self.assertIn(said, answer.stderr)
        self.stack.write_pull_secrets({"name": "pulls", "secrets": [{"name": "regcred"}], "kubernetes": True, "namespaces": ["shop"]})
        outside = self.stack.pull_secret()
        self.assertEqual(outside.returncode, 2)
        self.assertIn("no pod of Kubernetes", outside.stderr)


class Kubernetes(WithStack):
    def begin(self, example: str = "pull-secrets.yaml", kind: str = "ClusterRole", space: str = None, more: list = ()) -> FakeKube:
        kube = FakeKube(self.stack.folder, of_kind(example, kind)["rules"], space, more)
        self.stack.processes.append(kube.process)
        for secret in kube.secrets:
            self.stack.canaries.add(secret)
        (kube.account / "token").rename(kube.account / "held.token")
        (kube.account / "token").symlink_to("held.token")  # as a projected volume does it; and it is there to hold a secret
        for name in ("registry", "shop", "web"):
            kube.done("create", "namespace", name)
        for name in ("shop", "web"):
            kube.done("label", "namespace", name, *[f"{key}={value}" for key, value in SELECTED.items()])
        return kube

    def pull_secret(self, kube: FakeKube, *words: str):
        return self.stack.pull_secret("--service-account", kube.account, *words, **kube.environment)

    def authfile(self, kube: FakeKube, space: str):
        text = base64.b64decode(kube.secret(space, "regcred")["data"][".dockerconfigjson"])
        path = self.secrets / "held.secret"
        path.write_bytes(text)
        return path

    def test_a_thousand_namespaces_are_one_login_and_a_few_pages(self):
        kube = self.begin(more=[{"name": f"team-{number}", "labels": SELECTED} for number in range(998)])
        self.stack.write_pull_secrets()
        account = ["--service-account", kube.account]
        process = self.stack.start("thousand", [BINARY, "pull-secret", "pulls.json", "--json", *account], {**self.stack.gate_environment, **kube.environment})

        _, status, used = os.wait4(process.pid, 0)
        process.child.returncode = os.waitstatus_to_exitcode(status)

        self.assertEqual(process.child.returncode, 0, process.output())
        self.assertEqual([kube.calls(f"{verb} secrets") for verb in ("create", "patch")], [1000, 1000])
        self.assertLessEqual(kube.calls("list secrets") + kube.calls("list namespaces"), 10)
        self.assertEqual(self.cloud.calls("GetAuthorizationToken"), 1)
        if DEADLINE == 30:  # sanitizers take memory of their own
            self.assertLess(used.ru_maxrss, 64 * 1024, "KiB at most, the program itself included")
        self.assertEqual(kube.names("team-997"), ["regcred"])

    def test_every_selected_namespace_has_a_secret_that_opens_the_registry(self):
        kube = self.begin()
        self.stack.write_pull_secrets()

        self.assertIn("ecr: 2 created", self.assert_done(self.pull_secret(kube)))

        self.assertEqual([kube.names(space) for space in ("registry", "shop", "web")], [[], ["regcred"], ["regcred"]])
        self.assertEqual(kube.secret("shop", "regcred")["type"], "kubernetes.io/dockerconfigjson")
        self.assert_done(self.stack.copy(self.authfile(kube, "shop")))
        self.assertEqual(self.cloud.calls("GetAuthorizationToken"), 1)
        managers = {entry["manager"] for entry in json.loads(kube.done("get", "--raw", "/api/v1/namespaces/shop/secrets/regcred"))["metadata"]["managedFields"]}
        self.assertEqual(managers, {"portcullis"})

    def test_what_is_somebody_elses_stays_and_what_is_no_longer_selected_goes(self):
        kube = self.begin()
        kube.done("create", "secret", "generic", "regcred", "-n", "web", "--from-literal=mine=yes")
        self.stack.write_pull_secrets()

        first = self.pull_secret(kube)

        self.assertEqual(first.returncode, 1)
        self.assertIn("ecr: web/regcred: a secret of that name that is not ours stands there", first.stderr)
        self.assertEqual(list(kube.secret("web", "regcred")["data"]), ["mine"])
        kube.done("label", "namespace", "shop", *[f"{key}-" for key in SELECTED])
        kube.done("delete", "secret", "regcred", "-n", "web")
        self.assertIn("ecr: 1 created, 0 renewed, 0 kept, 1 removed", self.assert_done(self.pull_secret(kube)))
        self.assertEqual([kube.names(space) for space in ("shop", "web")], [[], ["regcred"]])
        self.assertIn("1 removed", self.assert_done(self.pull_secret(kube, "--remove")))
        self.assertEqual(kube.names("web"), [])

    def test_a_role_in_one_namespace_is_enough_for_it(self):
        kube = self.begin("pull-secrets-namespaced.yaml", "Role", "shop")
        self.stack.write_pull_secrets({"name": "shop", "secrets": [{"name": "regcred"}], "kubernetes": True, "namespaces": ["shop"]})

        self.assert_done(self.pull_secret(kube))

        self.assert_done(self.stack.copy(self.authfile(kube, "shop")))
        self.stack.write_pull_secrets({"name": "shop", "secrets": [{"name": "regcred"}], "kubernetes": True, "namespaces": ["shop", "web"]})
        refused = self.pull_secret(kube)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("examples/kubernetes/pull-secrets.yaml", refused.stderr)

    def test_watching_serves_new_namespaces_and_reads_a_new_token(self):
        kube = self.begin()
        self.stack.write_pull_secrets()
        command = [BINARY, "pull-secret", "pulls.json", "--watch", "--poll", "1s", "--service-account", kube.account]
        watcher = self.stack.start("watcher", command, {**self.stack.gate_environment, **kube.environment})
        watcher.wait_until(lambda: kube.names("web"), "the first are made")

        fresh = new_token()
        self.stack.canaries.add(fresh)
        kube.control(user=kube.user(fresh))
        kube.control(removeToken=kube.token)
        watcher.wait_until(lambda: "Unauthorized" in watcher.output(), "the old token is refused")
        (kube.account / "held.token").write_text(fresh)
        kube.done("create", "namespace", "late")
        kube.done("label", "namespace", "late", *[f"{key}={value}" for key, value in SELECTED.items()])
        watcher.wait_until(lambda: kube.names("late"), "a new namespace has its secret")
        kube.done("delete", "secret", "regcred", "-n", "shop")
        watcher.wait_until(lambda: kube.names("shop"), "a deleted secret comes back")
        self.assertEqual(self.cloud.calls("GetAuthorizationToken"), 1)

    def test_kubectl_takes_what_is_printed(self):
        kube = self.begin()
        self.stack.write_pull_secrets({"name": "shop", "secrets": [{"name": "regcred"}, {"name": "plain", "type": "generic"}], "kubernetes": True,
                                       "namespaces": ["shop", "web"], "labels": {"team": "shop"}})

        printed = self.assert_done(self.stack.pull_secret("--stdout"))
        kube.done("apply", "--server-side", "--validate=false", "-f", "-", stdin=printed)

        self.assertEqual(kube.names("shop"), ["plain", "regcred"])
        self.assertEqual(kube.done("get", "secrets", "-l", "team=shop", "-n", "web", "-o", "name").split(), ["secret/plain", "secret/regcred"])
        self.assert_done(self.stack.copy(self.authfile(kube, "web")))


class Page(WithStack):
    """docs/pull-secrets.md."""

    def test_the_example_passes_the_check_and_its_commands_are_understood(self):
        page = (ROOT / "docs/pull-secrets.md").read_text()
        config = json.loads(of_kind("pull-secrets.yaml", "ConfigMap")["data"]["gate.json"])
        config["portcullis"]["broker"] = json.loads(re.search(r"<!-- example -->\n```json\n(.*?)```", page, re.DOTALL).group(1))
        config["portcullis"]["proxy"] = {"trusted": ["127.0.0.1/32"]}
        self.stack.make_key("k1")
        (self.stack.folder / "gate.json").write_text(json.dumps(config))

        checked = run([BINARY, "check", "gate.json"], self.stack.folder)

        self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)
        options = set(re.findall(r"--(?!server-side|all-namespaces)[a-z-]+", " ".join(re.findall(r"portcullis pull-secret [^\n|#]*", page))))
        help_text = run([BINARY, "pull-secret", "--help"]).stdout
        self.assertEqual({option for option in options if option not in help_text}, set())
        self.assertGreaterEqual(options, {"--watch", "--stdout", "--name", "--remove"})


class Manifests(unittest.TestCase):
    """What of examples/kubernetes/ no cluster of the tests runs: the parts fit together."""

    def test_accounts_roles_and_pods_name_each_other(self):
        for name, role, binding, workload in (("pull-secrets.yaml", "ClusterRole", "ClusterRoleBinding", "Deployment"),
                                              ("pull-secrets-namespaced.yaml", "Role", "RoleBinding", "CronJob")):
            with self.subTest(name):
                account, bound = of_kind(name, "ServiceAccount"), of_kind(name, binding)
                spec = of_kind(name, workload)["spec"]
                pod = spec.get("jobTemplate", {"spec": spec})["spec"]["template"]["spec"]

                self.assertEqual(bound["roleRef"]["name"], of_kind(name, role)["metadata"]["name"])
                self.assertEqual(bound["subjects"], [{"kind": "ServiceAccount", **{key: account["metadata"][key] for key in ("name", "namespace")}}])
                self.assertEqual(pod["serviceAccountName"], account["metadata"]["name"])
                self.assertEqual(pod["containers"][0]["args"][0], "pull-secret")
                self.assertEqual(of_kind(name, workload)["metadata"]["namespace"], account["metadata"]["namespace"])


if __name__ == "__main__":
    unittest.main()
