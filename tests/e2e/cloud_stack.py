"""A gate whose keys come from Secrets Manager: the stack of an end-to-end test, with an AWS on loopback beside it."""
import json
import unittest

from fake_cloud import REGION, FakeCloud, role_arn
from processes import wait_until
from stack import Stack
import wire

SECRET = "zot/jwt-verification-keys"
EXTERNAL_ID = "3f2c8a5e-8f0a-4b0e"
QUESTION = {"X-Original-URI": "/v2/team/app/manifests/latest", "X-Original-Method": "GET"}
ACCESS = "repository:team/app:pull"


class CloudStack(Stack):
    """A gate whose keys come over the network: from `cloud`, unless a test says otherwise."""

    def __init__(self, cloud: FakeCloud):
        super().__init__()
        self.cloud = cloud
        self.canaries.add(cloud.alice.secret)
        self.gate_environment = cloud.clean(**cloud.alice.environment, AWS_ENDPOINT_URL_STS=cloud.endpoint, AWS_SESSION_TOKEN="", AWS_PROFILE="",
                                            AWS_ROLE_ARN="", AWS_WEB_IDENTITY_TOKEN_FILE="", AWS_ENDPOINT_URL="")
        self.secret = {"region": REGION, "secretName": SECRET, "endpoint": cloud.endpoint, "refreshInterval": "1s"}
        self.keys = {}
        self.config["portcullis"]["proxy"]["trusted"] = ["127.0.0.1/32"]
        self.public = {}

    def check_secrecy(self):
        """Sessions that the gate opened by itself are looked for too."""
        for secret in self.cloud.secrets():
            self.canaries.add(secret)
        super().check_secrecy()

    def complete_config(self, listen: tuple):
        super().complete_config(listen)
        del self.config["portcullis"]["keys"]["file"]
        self.config["portcullis"]["keys"].update(self.keys)
        if self.secret:
            self.config["http"]["auth"]["bearer"]["awsSecretsManager"] = self.secret

    def new_key(self, key_id: str, algorithm: str = "EdDSA"):
        file = self.folder / f"{key_id}-public.json"
        self.make_key(key_id, algorithm, keys_file=file)
        self.public.update(json.loads(file.read_text()))

    def put(self, *key_ids: str, text: str = None):
        """A new version of the secret, with these keys."""
        value = json.dumps({key_id: self.public[key_id] for key_id in key_ids}) if text is None else text
        self.cloud.control(secret={"name": SECRET, "value": value})

    def begin(self, **settings):
        if settings:
            self.secret.update(settings)
        self.start_gate(listen=("127.0.0.1:0",))

    def restart(self, **settings):
        """The gate ends well, and another process takes its place."""
        assert self.gate.stop() == 0, self.gate.output()
        self.gate.out.write_text("")
        self.begin(**settings)

    def token(self, key_id: str, **options) -> str:
        return self.mint(key_id, ACCESS, **options)

    def ask_gate(self, token: str) -> wire.Answer:
        return wire.request(self.gate_addresses[0], "GET", "/auth", {**QUESTION, **wire.bearer(token)})

    def status(self, token: str) -> int:
        return self.ask_gate(token).status

    def source(self) -> dict:
        """What `/status` says about the one source."""
        return wire.request(self.admin, "GET", "/status").json()["sources"][0]

    def wait_for_state(self, state: str):
        wait_until(lambda: self.source()["state"] == state, f"the keys are {state}")
        source = self.source()["name"]
        assert self.metric(f'portcullis_keyset_state{{source="{source}",state="{state}"}}') == 1

    def wait_for_rounds(self, result: str, count: int = 1):
        def rounds():
            lines = wire.request(self.admin, "GET", "/metrics").body.decode().splitlines()
            return sum(float(line.rsplit(" ", 1)[1]) for line in lines
                       if line.startswith("portcullis_keyset_refresh_total{") and f'result="{result}"' in line)

        before = rounds()
        wait_until(lambda: rounds() >= before + count, f"{count} more rounds: {result}")

    def logged(self, words: str) -> bool:
        return any(words in json.dumps(line) for line in self.log())

    def wait_for_log(self, words: str):
        wait_until(lambda: self.logged(words), f"the log says: {words}")


class WithCloud(unittest.TestCase):
    allow = ["secretsmanager:GetSecretValue", "sts:*"]  # what alice may do

    def setUp(self):
        self.cloud = self.enterContext(FakeCloud())
        self.cloud.world["regions"] = [REGION, "us-east-1"]
        self.cloud.world["users"][0]["allow"] = self.allow
        self.cloud.world["roles"] = [{"name": "keys", "trust": [{"principals": [self.cloud.alice.arn], "externalId": EXTERNAL_ID}]}]
        self.cloud.start()
        self.stack = self.new_stack()

    def new_stack(self) -> CloudStack:
        stack = CloudStack(self.cloud).__enter__()
        self.addCleanup(lambda: stack.__exit__(None, None, None))
        stack.new_key("one")
        stack.new_key("two", "ES256")
        return stack
