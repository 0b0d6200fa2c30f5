"""A Kubernetes API on loopback (portcullis-fake-kube), the service account of a pod in it, and kubectl as its administrator."""
import json
import os
import pathlib
import urllib.request

from fake_cloud import random_text
from processes import Process, run
from tls_front import Certificates
import string

ROOT = pathlib.Path(__file__).resolve().parents[2]
KUBE = pathlib.Path(os.environ.get("PORTCULLIS_FAKE_KUBE", ROOT / "build/ci/tests/fake_kube/portcullis-fake-kube")).resolve()
ACCOUNT = "system:serviceaccount:registry:portcullis-pull-secrets"


def new_token() -> str:
    return random_text(string.ascii_letters + string.digits, 48)


class FakeKube:
    """`rules` are those of the pod's service account, as a Role has them; with `space` they hold in that namespace alone."""

    def __init__(self, folder: pathlib.Path, rules: list, space: str = None, namespaces: list = ()):
        self.folder = folder / "kube"
        self.account = self.folder / "account"  # what a pod has in /var/run/secrets/kubernetes.io/serviceaccount
        self.account.mkdir(parents=True)
        self.rules = [{**rule, "namespace": space} if space else rule for rule in rules]
        self.admin_token, self.token = new_token(), new_token()
        certificates = Certificates(self.folder, ["localhost"])
        self.authority = certificates.ca
        (self.account / "ca.crt").write_bytes(certificates.ca.read_bytes())
        (self.account / "namespace").write_text(space or "registry")
        (self.account / "token").write_text(self.token)
        world = {"users": [{"token": self.admin_token, "name": "admin", "rules": [{"verbs": ["*"], "resources": ["*"]}]}, self.user(self.token)],
                 "namespaces": list(namespaces)}
        (self.folder / "world.secret").write_text(json.dumps(world))
        self.process = Process("kube", self.folder, [KUBE, "world.secret", certificates.certificate, certificates.key])
        said = json.loads(self.process.wait_until(lambda: self.process.out.read_text().endswith("\n") and self.process.out.read_text(), "the API says where it is"))
        self.port, self.control_url = said["api"].rsplit(":", 1)[1], said["control"]

    def user(self, token: str) -> dict:
        return {"token": token, "name": ACCOUNT, "rules": self.rules}

    @property
    def environment(self) -> dict:
        """What a pod has."""
        return {"KUBERNETES_SERVICE_HOST": "localhost", "KUBERNETES_SERVICE_PORT": self.port}

    @property
    def secrets(self) -> list:
        return [self.admin_token, self.token]

    def control(self, **wishes) -> dict:
        request = urllib.request.Request(self.control_url + "/control", json.dumps(wishes).encode())
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def calls(self, what: str) -> int:
        """How often that was asked: `create secrets`."""
        with urllib.request.urlopen(self.control_url + "/control/calls", timeout=30) as answer:
            return json.load(answer).get(what, 0)

    def kubectl(self, *words: str, stdin: str = None):
        command = ["kubectl", "--server", f"https://localhost:{self.port}", "--certificate-authority", self.authority, "--token", self.admin_token, *words]
        return run(command, self.folder, env={"PATH": os.environ["PATH"], "HOME": str(self.folder)}, input=stdin)

    def done(self, *words: str, stdin: str = None) -> str:
        """What kubectl prints; it must succeed."""
        answer = self.kubectl(*words, stdin=stdin)
        assert answer.returncode == 0, answer.stderr
        return answer.stdout

    def names(self, space: str) -> list:
        return self.done("get", "secrets", "-n", space, "-o", "name").replace("secret/", "").split()

    def secret(self, space: str, name: str) -> dict:
        return json.loads(self.done("get", "secret", name, "-n", space, "-o", "json"))
