"""An AWS on loopback (portcullis-fake-aws) with users, roles and keys made for one test, and the clients that talk to it: awscli, curl, the daemon's
own command line, and SDKs. Every one runs in a clean environment, with its own home."""
import base64
import json
import os
import pathlib
import random
import shutil
import string
import tempfile
import urllib.request

from processes import Process, run
from tls_front import Certificates, Tunnel

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("PORTCULLIS_BINARY", ROOT / "build/ci/plugin/portcullis")).resolve()
CLOUD = pathlib.Path(os.environ.get("PORTCULLIS_FAKE_AWS", ROOT / "build/ci/tests/fake_aws/portcullis-fake-aws")).resolve()
AWSCLI = "/usr/bin/aws" if os.access("/usr/bin/aws", os.X_OK) else "aws"
ACCOUNT = "111122223333"
REGION = "eu-west-1"
ISSUER = "https://oidc.example.com/id/1"


def random_text(letters: str, count: int) -> str:
    return "".join(random.SystemRandom().choices(letters, k=count))


class User:
    """A user of the cloud, with keys made now."""

    def __init__(self, name: str):
        self.name = name
        self.key_id = "AKIA" + random_text(string.ascii_uppercase + "234567", 16)
        self.secret = random_text(string.ascii_letters + string.digits, 40)
        self.arn = f"arn:aws:iam::{ACCOUNT}:user/{name}"

    @property
    def entry(self) -> dict:
        return {"name": self.name, "accessKeyId": self.key_id, "secretAccessKey": self.secret}

    @property
    def environment(self) -> dict:
        return {"AWS_ACCESS_KEY_ID": self.key_id, "AWS_SECRET_ACCESS_KEY": self.secret}


def role_arn(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"


class FakeCloud:
    """Use it as a context manager. `world` may be changed before `start`."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="portcullis-aws."))
        self.alice = User("alice")
        self.world = {"account": ACCOUNT, "regions": [REGION], "users": [self.alice.entry], "roles": []}
        self.process = self.endpoint = self.control_url = self.certificates = self.tunnel = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.tunnel:
            self.tunnel.stop()
        ended = self.process.stop() if self.process else 0
        shutil.rmtree(self.folder)
        assert ended == 0, f"the cloud ended with {ended}"

    def start(self, tls: bool = False):
        (self.folder / "world.json").write_text(json.dumps(self.world))
        command = [CLOUD, "--world", "world.json"]
        if tls:
            self.certificates = Certificates(self.folder, ["*.amazonaws.com", f"*.{REGION}.amazonaws.com", f"*.sso.{REGION}.amazonaws.com", "localhost"])
            command += ["--tls-certificate", self.certificates.certificate, "--tls-key", self.certificates.key]
        self.process = Process("cloud", self.folder, command)
        said = json.loads(self.process.wait_until(lambda: self.process.out.read_text().endswith("\n") and self.process.out.read_text(), "the cloud says where it is"))
        self.endpoint, self.control_url = said["aws"], said["control"]
        if tls:
            self.tunnel = Tunnel(said["awsTls"].removeprefix("https://"))

    # The control address.

    def control(self, **wishes):
        request = urllib.request.Request(self.control_url + "/control", json.dumps(wishes).encode())
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def fault(self, service: str, status, operation: str = None, times: int = None, **more):
        given = {"service": service, "operation": operation, "status": status, "times": times, **more}
        self.control(fault={name: value for name, value in given.items() if value is not None})

    def calls(self, operation: str) -> int:
        with urllib.request.urlopen(self.control_url + "/control/calls", timeout=30) as answer:
            return sum(call["count"] for call in json.load(answer)["calls"] if call["operation"] == operation)

    def secrets(self) -> list:
        """Every secret key and session token that the cloud has given out."""
        with urllib.request.urlopen(self.control_url + "/control/secrets", timeout=30) as answer:
            return json.load(answer)["secrets"]

    # Files and environment of clients.

    def write(self, name: str, text: str) -> pathlib.Path:
        path = self.folder / name
        path.write_text(text)
        path.chmod(0o600)
        return path

    def clean(self, **more) -> dict:
        """An environment without anything of the caller's AWS or proxy; IMDS is off unless a test turns it on."""
        return {"PATH": os.environ["PATH"], "HOME": str(self.folder), "LANG": "C.UTF-8", "AWS_PAGER": "", "AWS_DEFAULT_REGION": REGION, "AWS_REGION": REGION,
                "AWS_CONFIG_FILE": str(self.folder / "config"), "AWS_SHARED_CREDENTIALS_FILE": str(self.folder / "credentials"),
                "AWS_EC2_METADATA_DISABLED": "true", **more}

    def behind_tunnel(self) -> dict:
        """So that a client reaches the cloud by AWS's own host names."""
        return {"HTTPS_PROXY": self.tunnel.url, "AWS_CA_BUNDLE": str(self.certificates.ca)}

    def aws(self, *words: str, environment: dict = None, endpoint: bool = True):
        command = [AWSCLI, "--output", "json", *(["--endpoint-url", self.endpoint] if endpoint else []), *words]
        return run(command, self.folder, env=self.clean(**(environment or {})))

    def portcullis(self, *words: str, environment: dict = None):
        return run([BINARY, *words], self.folder, env=self.clean(**{"AWS_ENDPOINT_URL": self.endpoint, **(environment or {})}))

    def curl(self, *words: str, user: User = None, service: str = "sts", region: str = REGION, url: str = None):
        """curl signs by itself (--aws-sigv4) where a user is given; the body comes first, then the status on a line of its own."""
        signing = ["--aws-sigv4", f"aws:amz:{region}:{service}", "--user", f"{user.key_id}:{user.secret}"] if user else []
        return run(["curl", "-sS", "-w", "\n%{http_code}", *signing, *words, url or self.endpoint + "/"], self.folder, env=self.clean())


class Issuer:
    """An identity provider: an ES256 key, its JWKS for the cloud, and tokens."""

    def __init__(self, folder: pathlib.Path, name: str = "issuer"):
        self.folder, self.name = folder, name
        self.key = folder / f"{name}.pem"
        made = run([BINARY, "key", "generate", "--alg", "ES256", "--id", "k1", "--private", self.key, "--keys", folder / f"{name}-keys.json"])
        assert made.returncode == 0, made.stderr
        pem = json.loads((folder / f"{name}-keys.json").read_text())["k1"]
        point = base64.b64decode("".join(line for line in pem.splitlines() if "-----" not in line))[-64:]

        def encoded(number):
            return base64.urlsafe_b64encode(number).decode().rstrip("=")

        self.jwks = {"keys": [{"kty": "EC", "crv": "P-256", "alg": "ES256", "kid": "k1", "x": encoded(point[:32]), "y": encoded(point[32:])}]}

    @property
    def provider(self) -> dict:
        return {"url": ISSUER, "audiences": ["sts.amazonaws.com"], "jwks": self.jwks}

    def mint(self, **options) -> str:
        given = {"issuer": ISSUER, "audience": "sts.amazonaws.com", "subject": "system:serviceaccount:registry:gate", "expires": "15m", **options}
        command = [BINARY, "token", "mint", "--key", self.key, "--id", "k1"]
        made = run(command + [word for name, value in given.items() for word in ("--" + name.replace("_", "-"), value)])
        assert made.returncode == 0, made.stderr
        return made.stdout.strip()
