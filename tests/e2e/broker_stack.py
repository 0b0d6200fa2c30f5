"""A gate that logs in to a registry for its clients: the stack of an end-to-end test, with a cloud in the place of AWS."""
import json
import os
import string
import unittest
import warnings

from fake_cloud import ACCOUNT, REGION, FakeCloud, random_text, role_arn
from stack import EXAMPLES, Stack, replaced

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import crypt  # bcrypt for htpasswd, by the C library

HOST = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
EXAMPLE_HOST = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
EXTERNAL_ID = "7b3c8f6e-0c0a-4d52-9d6f-0a7d3b1d8f4e"


class BrokerStack(Stack):
    """nginx with examples/ecr/, docker-registry with htpasswd in the place of ECR, and a cloud whose ECR gives out the password."""

    def __init__(self, cloud: FakeCloud):
        super().__init__()
        self.cloud = cloud
        self.canaries.add(cloud.alice.secret)
        self.config = json.loads((EXAMPLES / "ecr/gate.json").read_text().replace(EXAMPLE_HOST, HOST))
        self.broker["registries"][HOST]["assumeRoleArn"] = role_arn("pull")
        self.gate_environment = cloud.clean(**cloud.alice.environment, AWS_ENDPOINT_URL=cloud.endpoint, AWS_SESSION_TOKEN="", AWS_PROFILE="",
                                            AWS_ROLE_ARN="", AWS_WEB_IDENTITY_TOKEN_FILE="")
        self.password = None

    @property
    def broker(self) -> dict:
        return self.config["portcullis"]["broker"]

    def check_secrecy(self):
        for secret in self.cloud.secrets():
            self.canaries.add(secret)
        super().check_secrecy()

    def new_password(self, where: str = "both"):
        """What ECR gives out from now on, and what the registry takes."""
        password = random_text(string.ascii_letters + string.digits, 60)
        self.canaries.add(password)
        if where in ("both", "cloud"):
            self.cloud.control(ecrPassword=password)
        if where in ("both", "registry"):
            hashed = crypt.crypt(password, crypt.mksalt(crypt.METHOD_BLOWFISH, rounds=16)).replace("$2b$", "$2y$", 1)
            (self.folder / "htpasswd.new").write_text(f"AWS:{hashed}\n")
            os.replace(self.folder / "htpasswd.new", self.folder / "htpasswd")
        self.password = password

    def begin(self):
        self.make_key("k1")
        self.new_password()
        self.start_registry()
        self.start_gate()
        text = replaced((EXAMPLES / "ecr/portcullis.conf").read_text(), {
            f"proxy_pass https://{EXAMPLE_HOST}": f"proxy_pass http://{self.registry}", "unix:/run/portcullis/ecr.sock": f"unix:{self.folder}/ecr.sock",
            f"proxy_redirect https://{EXAMPLE_HOST}/ /": f"proxy_redirect http://{HOST}/ /", EXAMPLE_HOST: HOST})
        self.start_nginx(text=text)

    def start_registry(self):
        """examples/registry/config.yml with passwords, which the example does not have."""
        storage = self.folder / "storage"
        storage.mkdir()
        config = replaced((EXAMPLES / "registry/config.yml").read_text(), {"/var/lib/docker-registry": str(storage), "127.0.0.1:5000": "127.0.0.1:0"})
        (self.folder / "registry.yml").write_text(config + f"auth:\n  htpasswd:\n    realm: ecr\n    path: {self.folder}/htpasswd\n")
        process = self.start("registry", ["docker-registry", "serve", "registry.yml"])

        def address():
            found = [line for line in process.output().splitlines() if '"msg":"listening on ' in line]
            return found and json.loads(found[0])["msg"].split()[-1]

        self.registry = process.wait_until(address, "docker-registry says where it listens")

    def start_nginx(self, site: str = "portcullis.conf", upstream: str = None, text: str = None):
        super().start_nginx(text=text + "\n# 127.0.0.1:5000\n", upstream=self.registry)

    def refused_by_registry(self) -> int:
        """How often the registry said 401."""
        return self.process("registry").output().count('"http.response.status":401')

    def logged(self, words: str) -> list:
        return [line for line in self.log() if words in json.dumps(line)]

    def logins(self) -> tuple:
        """AssumeRole and GetAuthorizationToken, as the cloud counted them."""
        return self.cloud.calls("AssumeRole"), self.cloud.calls("GetAuthorizationToken")


class WithBroker(unittest.TestCase):
    """A cloud whose alice may assume the role `pull` with the external id, and a stack in front of it."""
    stack_type = BrokerStack

    def setUp(self):
        self.cloud = self.enterContext(FakeCloud())
        self.cloud.world["users"][0]["allow"] = ["sts:*"]
        self.cloud.world["roles"] = [self.role("pull", allow=["ecr:GetAuthorizationToken"])]
        self.complete(self.cloud.world)
        self.cloud.start()
        self.stack = self.stack_type(self.cloud).__enter__()
        self.addCleanup(lambda: self.stack.__exit__(None, None, None))

    def role(self, name: str, **more) -> dict:
        """A role that alice may assume with the external id."""
        return {"name": name, "trust": [{"principals": [self.cloud.alice.arn], "externalId": EXTERNAL_ID}], **more}

    def complete(self, world: dict):
        """What a test wants of the cloud beside that."""
