"""The world of an end-to-end test: docker-registry, the gate, nginx or Caddy, each started from the files in examples/, in a folder of its own."""
import json
import os
import pathlib
import shutil
import signal
import sys
import tempfile

from processes import Process, run, wait_until
from secrecy import Canaries
import wire

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
from free_port import free_port  # noqa: E402
from make_image import make_image  # noqa: E402

BINARY = pathlib.Path(os.environ.get("PORTCULLIS_BINARY", ROOT / "build/ci/plugin/portcullis")).resolve()
EXAMPLES = ROOT / "examples"
REALM = "https://auth.example.com/token"
ISSUER = "https://auth.example.com"
SERVICE = "registry.example.com"
AS_ROOT = os.geteuid() == 0


def replaced(text: str, changes: dict) -> str:
    """`text` with each change made; a text that is not there is a fault of the test or of the example."""
    for old, new in changes.items():
        assert old in text, f"the example does not hold: {old}"
        text = text.replace(old, new)
    return text


class Stack:
    """Use it as a context manager: on leaving, every process is stopped, must have ended well, and must have written no secret."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="portcullis-e2e."))
        self.processes = []
        self.canaries = Canaries()
        self.config = json.loads((EXAMPLES / "nginx/gate.json").read_text())
        self.gate = self.gate_addresses = self.admin = self.registry = self.front = None
        self.minted = 0
        self.gate_environment = None  # what the gate gets beside the test's own

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        try:
            if kind is None:
                self.check_secrecy()
        finally:
            ended = {process.name: process.stop() for process in reversed(self.processes)}
            found = self.canaries.found_below(self.folder)
            if kind is not None or ended.get("gate", 0) != 0 or found:
                self.show_logs()
            shutil.rmtree(self.folder)
        if kind is None:
            assert ended.get("gate", 0) == 0, f"the gate ended with {ended['gate']}"
            assert not found, f"secrets were written: {found}"

    def show_logs(self):
        for path in sorted(self.folder.glob("*")):
            if path.suffix in {".out", ".err", ".log"} and path.stat().st_size:
                print(f"--- {path.name}\n" + "\n".join(path.read_text(errors="replace").splitlines()[-25:]), file=sys.stderr)

    def process(self, name: str) -> Process:
        """The newest one that was started under this name."""
        return [process for process in self.processes if process.name == name][-1]

    def check_secrecy(self):
        """What the running gate shows of itself holds no secret; `__exit__` looks through the files."""
        if self.admin:
            for page in ("/metrics", "/status", "/readyz?verbose"):
                found = self.canaries.found_in(wire.request(self.admin, "GET", page).body.decode(errors="replace"))
                assert not found, f"{page} holds {found}"

    def start(self, name: str, command: list, environment: dict = None) -> Process:
        process = Process(name, self.folder, command, environment)
        self.processes.append(process)
        return process

    # Keys and tokens, made by the command line itself.

    @property
    def keys_file(self) -> pathlib.Path:
        return self.folder / "keys.json"

    def make_key(self, key_id: str, algorithm: str = "EdDSA", keys_file: pathlib.Path = None) -> pathlib.Path:
        """A new key pair; the public half is added to the keys file. Returns the private key's file."""
        private = self.folder / f"{key_id}.pem"
        made = run([BINARY, "key", "generate", "--alg", algorithm, "--id", key_id, "--private", private, "--keys", keys_file or self.keys_file])
        assert made.returncode == 0, made.stderr
        self.canaries.add_private_key(private.read_text())
        return private

    def mint(self, key_id: str, *access: str, algorithm: str = None, **options) -> str:
        """A token signed by that key: `mint("k", "repository:a/b:pull", expires="5m", at=…)`."""
        given = {"subject": "alice", "issuer": ISSUER, "audience": SERVICE, "expires": "15m", **options}
        command = [BINARY, "token", "mint", "--key", self.folder / f"{key_id}.pem", "--id", key_id]
        command += [word for entry in access for word in ("--access", entry)]
        command += ["--alg", algorithm] if algorithm else []
        command += [word for name, value in given.items() if value is not None for word in ("--" + name.replace("_", "-"), str(value))]
        made = run(command)
        assert made.returncode == 0, made.stderr
        token = made.stdout.strip()
        self.canaries.add_token(token)
        return token

    def token_file(self, token: str) -> pathlib.Path:
        self.minted += 1
        path = self.folder / f"{self.minted}.token"
        path.write_text(token)
        return path

    # The registry.

    def start_registry(self):
        """docker-registry with examples/registry/config.yml, on a port that it chose itself."""
        storage = self.folder / "storage"
        storage.mkdir()
        config = replaced((EXAMPLES / "registry/config.yml").read_text(), {"/var/lib/docker-registry": str(storage), "127.0.0.1:5000": "127.0.0.1:0"})
        (self.folder / "registry.yml").write_text(config)
        process = self.start("registry", ["docker-registry", "serve", "registry.yml"])

        def address():
            found = [line for line in process.output().splitlines() if '"msg":"listening on ' in line]
            return found and json.loads(found[0])["msg"].split()[-1]

        self.registry = process.wait_until(address, "docker-registry says where it listens")

    def stored_files(self) -> list:
        """Every file that the registry holds, with its size."""
        return sorted((str(path.relative_to(self.folder)), path.stat().st_size) for path in (self.folder / "storage").rglob("*") if path.is_file())

    # The gate.

    def write_config(self):
        """Puts `self.config` in place by rename, as an editor or a deployment does."""
        (self.folder / "gate.json.new").write_text(json.dumps(self.config, indent=1))
        os.replace(self.folder / "gate.json.new", self.folder / "gate.json")

    def complete_config(self, listen: tuple):
        """Makes `self.config` one for this folder: these addresses, a free admin port, our keys file and log."""
        section = self.config["portcullis"]
        section["listen"] = list(listen)
        section["admin"] = "127.0.0.1:0"
        section["keys"] = {**section.get("keys", {}), "file": "keys.json"}
        section.pop("listenGroup", None)
        section.setdefault("drain", {"delay": "0s", "deadline": "5s"})
        self.config["http"]["auth"]["bearer"] = {"realm": REALM, "service": SERVICE, **self.config["http"]["auth"]["bearer"]}
        self.config["log"] = {"level": "debug", "output": "gate.log"}

    def start_gate(self, *arguments: str, listen: tuple = ("unix:gate.sock",)):
        """The daemon with `self.config` (examples/nginx/gate.json unless a test changed it), on these addresses."""
        self.complete_config(listen)
        self.write_config()
        self.launch_gate(*arguments)

    def launch_gate(self, *arguments: str):
        self.gate = self.start("gate", [BINARY, "serve", "gate.json", *arguments], self.gate_environment)

        def bound():
            lines = self.gate.out.read_text().splitlines()
            return lines and json.loads(lines[0])

        said = self.gate.wait_until(bound, "the gate says where it listens")
        self.admin = said["admin"]
        self.gate_addresses = [str(self.folder / text[5:]) if text.startswith("unix:") else text for text in said["listen"]]

    def reload(self):
        self.gate.send(signal.SIGHUP)

    def log(self) -> list:
        """The gate's log, line by line."""
        path = self.folder / "gate.log"
        lines = path.read_text().splitlines() if path.exists() else []
        return [json.loads(line) for line in lines if line.startswith("{")]

    def reason_of(self, answer: wire.Answer) -> str:
        """Why the gate decided so: its log line with the answer's id."""
        decision = answer.one("X-Portcullis-Id")

        def line():
            return [entry for entry in self.log() if entry.get("id") == decision and "reason" in entry]

        return wait_until(line, f"the log has a line for {decision}")[0]["reason"]

    def metric(self, text: str) -> float:
        """The sum of all samples whose line starts with `text`."""
        lines = wire.request(self.admin, "GET", "/metrics").body.decode().splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(text))

    def wait_for_decisions(self, count: int):
        """Returns when the gate has made that many decisions more than now."""
        before = self.metric("portcullis_decisions_total{")
        wait_until(lambda: self.metric("portcullis_decisions_total{") >= before + count, f"{count} decisions")

    def ready(self, query: str = "") -> wire.Answer:
        return wire.request(self.admin, "GET", "/readyz" + query)

    # What stands in front.

    def start_nginx(self, site: str = "portcullis.conf", upstream: str = None, text: str = None):
        """nginx with examples/nginx/, on a port that was free; another is tried where somebody took it."""
        shutil.copy(EXAMPLES / "nginx/nginx.conf", self.folder)
        settings = "daemon off;" + (" user root;" if AS_ROOT else "")
        for _ in range(5):
            port = free_port()
            changes = {"127.0.0.1:8080": f"127.0.0.1:{port}", "127.0.0.1:5000": upstream or self.registry}
            if site == "portcullis-tcp.conf":
                changes["127.0.0.1:9180"] = self.gate_addresses[0]
            else:
                changes["unix:/run/portcullis/gate.sock"] = f"unix:{self.folder}/gate.sock"
            (self.folder / "portcullis.conf").write_text(replaced(text or (EXAMPLES / "nginx" / site).read_text(), changes))
            process = self.start("nginx", ["nginx", "-p", self.folder, "-c", self.folder / "nginx.conf", "-e", self.folder / "error.log", "-g", settings])
            self.front = f"127.0.0.1:{port}"
            if self.came_up(process):
                return
        raise AssertionError("nginx did not start\n" + process.output())

    def start_caddy(self):
        """Caddy with examples/caddy/Caddyfile."""
        for _ in range(5):
            port = free_port()
            changes = {"127.0.0.1:8080": f"127.0.0.1:{port}", "127.0.0.1:5000": self.registry, "/run/portcullis/gate.sock": f"{self.folder}/gate.sock"}
            (self.folder / "Caddyfile").write_text(replaced((EXAMPLES / "caddy/Caddyfile").read_text(), changes))
            home = {"HOME": str(self.folder), "XDG_CONFIG_HOME": str(self.folder), "XDG_DATA_HOME": str(self.folder)}
            process = self.start("caddy", ["caddy", "run", "--config", "Caddyfile", "--adapter", "caddyfile"], home)
            self.front = f"127.0.0.1:{port}"
            if self.came_up(process):
                return
        raise AssertionError("Caddy did not start\n" + process.output())

    def came_up(self, process: Process) -> bool:
        return wait_until(lambda: wire.is_listening(self.front) or not process.is_running(), f"{process.name} listens") and process.is_running()

    def ask(self, method: str, uri: str, token: str = None, headers=(), body: bytes = b"") -> wire.Answer:
        """One request through the front."""
        pairs = list(headers.items()) if isinstance(headers, dict) else list(headers)
        if token:
            pairs += wire.bearer(token).items()
        return wire.request(self.front, method, uri, pairs, body)

    # Images.

    def image(self, text: str = "Hello through the gate.\n") -> tuple:
        """A fresh OCI layout: its folder, and its manifest's digest."""
        folder = tempfile.mkdtemp(prefix="image.", dir=self.folder)
        return folder, make_image(folder, "latest", text.encode())

    def push(self, repository: str, token: str, image: str):
        """skopeo pushes; returns the finished process."""
        return run(["skopeo", "--insecure-policy", "copy", "--dest-tls-verify=false", "--dest-registry-token", token, f"oci:{image}:latest",
                    f"docker://{self.front}/{repository}:latest"])

    def pull(self, repository: str, token: str):
        """skopeo pulls into a new folder; returns the finished process and the folder."""
        folder = tempfile.mkdtemp(prefix="pulled.", dir=self.folder)
        done = run(["skopeo", "--insecure-policy", "copy", "--src-tls-verify=false", "--src-registry-token", token,
                    f"docker://{self.front}/{repository}:latest", f"oci:{folder}:latest"])
        return done, folder
