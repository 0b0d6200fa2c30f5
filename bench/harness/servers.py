"""Starts and stops the servers, each on core 0, and reads what they cost."""
import http.client
import json
import os
import pathlib
import socket
import subprocess
import tempfile
import time

from . import issuers

PEERS = pathlib.Path(__file__).resolve().parents[1] / "peers"
SERVER_CORE = "0"
ASK = {"X-Original-URI": "/v2/team/app/manifests/latest", "X-Original-Method": "GET"}


def free_port():
    """A port that nobody has now: for the servers that cannot tell which one the system chose."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """One server process. A context manager: leaving it ends the process."""

    def __init__(self, name, command, port, environment=None, folder=None):
        self.name, self.command, self.port = name, [str(part) for part in command], port
        self.environment = {**os.environ, **(environment or {})}
        self.folder = folder
        self.process = None
        self.said = None
        self.started = 0.0

    def __enter__(self):
        self.said = tempfile.TemporaryFile()
        self.started = time.perf_counter()
        self.process = subprocess.Popen(["taskset", "-c", SERVER_CORE, *self.command], env=self.environment, cwd=self.folder,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self.said)
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.said.close()

    def what_it_said(self):
        """The end of its standard error."""
        self.said.seek(0)
        return self.said.read().decode(errors="replace")[-2000:]

    def status_for(self, token, path="/auth"):
        """The status of one request with `token`, on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", path, headers={**ASK, **({"Authorization": f"Bearer {token}"} if token else {})})
            return connection.getresponse().status
        finally:
            connection.close()

    def wait_ready(self, token, path="/auth"):
        """Seconds from the start of the process to its first 200."""
        while time.perf_counter() - self.started < 20:
            if self.process.poll() is not None:
                raise SystemExit(f"{self.name} ended at once: {self.what_it_said()}")
            try:
                if self.status_for(token, path) == 200:
                    return time.perf_counter() - self.started
            except OSError:
                pass
            time.sleep(0.0005)
        raise SystemExit(f"{self.name} gave no 200 within 20 s: {' '.join(self.command)}")

    def cpu_seconds(self):
        """Processor time of the process and its children that ended, in seconds."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_kib(self):
        """Resident memory, in KiB."""
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
        return 0


class Makers:
    """Knows how each server is started. `binaries` is the build folder, `tokens` the folder of `build.mint`, `scratch` a folder to write to."""

    def __init__(self, binaries, portcullis, tokens, scratch):
        self.binaries, self.gate_binary, self.tokens, self.scratch = pathlib.Path(binaries), portcullis, pathlib.Path(tokens), pathlib.Path(scratch)

    def empty(self):
        port = free_port()
        return Server("empty responder", [self.binaries / "empty_responder", port], port)

    def libjwt(self, key_id):
        port = free_port()
        return Server("libjwt", [self.binaries / "libjwt_server", port, self.tokens / f"{key_id}.pub.pem", key_id.upper()], port)

    def golang(self):
        port = free_port()
        return Server("Go golang-jwt", [self.binaries / "golang_server", port, self.tokens], port, {"GOMAXPROCS": "1"})

    def haproxy(self, key_id):
        port = free_port()
        text = (PEERS / "haproxy.cfg").read_text()
        for mark, value in (("@PORT@", str(port)), ("@KEY@", str(self.tokens / f"{key_id}.pub.pem")), ("@ALG@", key_id.upper())):
            text = text.replace(mark, value)
        path = self.scratch / f"haproxy-{port}.cfg"
        path.write_text(text)
        return Server("HAProxy jwt_verify", ["/usr/sbin/haproxy", "-db", "-f", path], port)

    def portcullis(self, cached_tokens=None, decision_log=False, oidc=None, name=None):
        """The daemon with one request thread. `cached_tokens` bounds its cache of verified tokens; None is its default. The writer of the decision log shares
        the core of the request thread. `oidc` is a list of issuers, whose users may read everything."""
        port, admin = free_port(), free_port()
        gate = {"listen": [f"127.0.0.1:{port}"], "admin": f"127.0.0.1:{admin}", "workers": 1, "keys": {"file": str(self.tokens / "keys.json")},
                "proxy": {"trusted": ["127.0.0.1/32"]}}
        if cached_tokens is not None:
            gate["limits"] = {"cachedTokens": cached_tokens}
        if decision_log:
            gate["decisionLog"] = {"output": str(self.scratch / f"decisions-{port}.jsonl")}
        if oidc:
            gate["tokens"] = {"policy": "ignored", "issuers": ["any"], "audiences": ["any"]}
        config = {"http": {"auth": {"bearer": {"realm": "http://127.0.0.1/token", "service": "registry.example.org"}}}, "portcullis": gate, "log": {"level": "error"}}
        if oidc:
            config["http"]["auth"]["bearer"]["oidc"] = oidc
            config["http"]["accessControl"] = issuers.POLICY
        path = self.scratch / f"portcullis-{port}.json"
        path.write_text(json.dumps(config))
        server = Server(name or ("Portcullis, decision log" if decision_log else "Portcullis"), [self.gate_binary, "serve", path], port)
        server.admin_port = admin
        return server

    def nginx(self, gate_port):
        """nginx with one worker that asks the gate at `gate_port` before it answers with a file of two bytes."""
        port = free_port()
        folder = self.scratch / f"nginx-{port}"
        (folder / "www").mkdir(parents=True)
        folder.chmod(0o755)
        (folder / "www" / "ok").write_text("ok")
        text = (PEERS / "nginx.conf").read_text()
        for mark, value in (("@PORT@", str(port)), ("@GATE@", str(gate_port)), ("@FOLDER@", str(folder))):
            text = text.replace(mark, value)
        (folder / "nginx.conf").write_text(text)
        return Server("nginx", ["/usr/sbin/nginx", "-p", folder, "-c", folder / "nginx.conf", "-e", folder / "error.log"], port)


def metric(server, name):
    """The sum of all series of one metric of the daemon's admin listener."""
    connection = http.client.HTTPConnection("127.0.0.1", server.admin_port, timeout=5)
    try:
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode()
    finally:
        connection.close()
    return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith((name + "{", name + " ")))
