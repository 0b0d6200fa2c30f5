#!/usr/bin/env python3
"""Every file in examples/ is loaded by a test: those that start are listed with the test that starts them, the others are checked here. So is README.md."""
import json
import re
import shutil
import unittest

from processes import run
from stack import BINARY, EXAMPLES, ROOT, Stack
from tls_front import Certificates

STARTED = {
    "nginx/nginx.conf": "nginx_test", "nginx/portcullis.conf": "nginx_test", "nginx/portcullis-tcp.conf": "nginx_test",
    "nginx/gate.json": "nginx_test", "nginx/gate-tcp.json": "nginx_test", "registry/config.yml": "push_pull_test", "caddy/Caddyfile": "proxies_test",
    "traefik/traefik.yml": "proxies_test", "traefik/dynamic.yml": "proxies_test", "envoy/envoy.yaml": "proxies_test",
    "quickstart/gate.json": "quickstart_test", "quickstart/gate-aws.json": "quickstart_test",
    **{f"oidc/{kind}{name}{end}": "oidc_examples_test" for name in ("kubernetes", "github", "gitlab", "buildkite", "people")
       for kind, end in (("gate-", ".json"), ("", ".claims.json"))},
    **{f"policies/gate-{name}.json": "plugin/policy_examples_test"
       for name in ("one-line", "team", "home", "immutable-tags", "networks", "freeze", "multi-tenant")},
    **{f"kubernetes/{name}": "oidc_examples_test" for name in ("pod.yaml", "discovery.yaml", "credential-provider.yaml", "portcullis-credential-provider")},
    **{name: "broker_examples_test" for name in ("docker/config.json", "docker/portcullis.json", "kubernetes/registry-credential-provider.yaml")},
    "ecr/gate.json": "broker_stack", "ecr/portcullis.conf": "broker_stack", "ecr/envoy.yaml": "broker_test",
    **{f"kubernetes/{name}": "pull_secret_test" for name in ("pull-secrets.yaml", "pull-secrets-namespaced.yaml")},
    "prometheus/prometheus.yml": "plugin/operations_test", "prometheus/portcullis.rules.yml": "plugin/operations_test",
    "systemd/portcullis.service": "plugin/operations_test",
}


def text_of_test(name):
    """The test called `name`: Python's stand in tests/e2e, those of C++ are named with their folder."""
    return (ROOT / "tests" / f"{name}.cc" if "/" in name else ROOT / "tests/e2e" / f"{name}.py").read_text()


class Examples(unittest.TestCase):
    def test_every_example_is_loaded_by_a_test(self):
        there = {str(path.relative_to(EXAMPLES)) for path in EXAMPLES.rglob("*") if path.is_file()}

        self.assertEqual(there, set(STARTED))
        for name, test in STARTED.items():
            shared = "".join((ROOT / path).read_text() for path in ("tests/e2e/stack.py", "scripts/quickstart_stack.sh"))
            self.assertIn(name.rsplit("/", 1)[1], shared + text_of_test(test), name)

    def test_every_gate_example_passes_the_check(self):
        with Stack() as stack:
            stack.make_key("k1")
            (stack.folder / "marker.secret").write_text("0123456789abcdef0123456789abcdef\n")
            authority = Certificates(stack.folder, ["localhost"]).ca
            for path in EXAMPLES.rglob("gate*.json"):
                with self.subTest(path.name):
                    config = json.loads(path.read_text())
                    if "keys" in config["portcullis"]:
                        config["portcullis"]["keys"]["file"] = "keys.json"
                    for issuer in config["http"]["auth"]["bearer"].get("oidc", []):
                        if "certificateAuthorityFile" in issuer:
                            issuer["certificateAuthorityFile"] = str(authority)
                    if "markerFile" in config["portcullis"]["proxy"]:
                        config["portcullis"]["proxy"]["markerFile"] = "marker.secret"
                    (stack.folder / "checked.json").write_text(json.dumps(config))

                    done = run([BINARY, "check", "--strict", "checked.json"], stack.folder)

                    self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


class Readme(unittest.TestCase):
    text = (ROOT / "README.md").read_text()

    def blocks(self, language: str) -> list:
        return re.findall(rf"```{language}\n(.*?)```", self.text, re.DOTALL)

    def test_its_nginx_configuration_gates_a_registry(self):
        (site,) = self.blocks("nginx")
        with Stack() as stack:
            stack.make_key("k1")
            stack.start_registry()
            stack.start_gate()
            shutil.copy(EXAMPLES / "nginx/nginx.conf", stack.folder)
            stack.start_nginx(text=site)
            image, _ = stack.image()

            pushed = stack.push("team/app", stack.mint("k1", "repository:team/app:pull,push"), image)
            refused = stack.ask("GET", "/v2/team/app/manifests/latest")

            self.assertEqual((pushed.returncode, pushed.stderr), (0, ""))
            self.assertEqual(refused.status, 401)

    def test_its_nginx_configuration_has_none_of_the_usual_mistakes(self):
        (site,) = self.blocks("nginx")
        with Stack() as stack:
            stack.make_key("k1")
            stack.complete_config(("unix:gate.sock",))
            stack.write_config()
            (stack.folder / "site.conf").write_text(site)

            done = run([BINARY, "doctor", "gate.json", "--nginx", "site.conf", "--json"], stack.folder)

            steps = [step for step in json.loads(done.stdout)["steps"] if step["part"] == "nginx"]
            self.assertTrue(steps, done.stdout)
            self.assertEqual([step for step in steps if step["result"] != "ok"], [])

    def test_its_gate_configuration_passes_the_check(self):
        (config,) = self.blocks("json")
        with Stack() as stack:
            stack.make_key("k1")
            (stack.folder / "gate.json").write_text(config)

            done = run([BINARY, "check", "gate.json"], stack.folder)

            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_its_links_lead_somewhere(self):
        links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", self.text)

        self.assertTrue(links)
        self.assertEqual([link for link in links if not (ROOT / link).exists()], [])


if __name__ == "__main__":
    unittest.main()
