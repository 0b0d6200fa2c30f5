"""HTTP to the byte: requests written by hand over TCP or a unix socket, and answers with their headers in order and unmerged."""
import dataclasses
import json
import socket
import time


@dataclasses.dataclass
class Answer:
    status: int
    headers: list  # of (name, value), as they came
    body: bytes

    def all(self, name: str) -> list:
        """Every value of that header."""
        return [value for given, value in self.headers if given.lower() == name.lower()]

    def one(self, name: str) -> str:
        """The value of a header that must be there exactly once."""
        values = self.all(name)
        assert len(values) == 1, f"{name} stands {len(values)} times in {self}"
        return values[0]

    def json(self):
        return json.loads(self.body)

    @property
    def error_code(self) -> str:
        """`code` of the one error of an OCI error body."""
        errors = self.json()["errors"]
        assert len(errors) == 1, errors
        return errors[0]["code"]


def connect(address) -> socket.socket:
    """`address` is a path (unix socket) or "host:port"."""
    address = str(address)
    if address.startswith("/"):
        connection = socket.socket(socket.AF_UNIX)
        target = address
    else:
        connection = socket.socket()
        host, port = address.rsplit(":", 1)
        target = (host, int(port))
    connection.settimeout(30)
    try:
        connection.connect(target)
    except OSError:
        connection.close()
        raise
    return connection


def read_answer(stream, method: str = "GET") -> Answer:
    """Reads one answer from a buffered stream; interim answers (1xx) are skipped."""
    while True:
        line = stream.readline()
        if not line:
            raise ConnectionError("the connection ended without an answer")
        status = int(line.split(b" ", 2)[1])
        headers = []
        while (line := stream.readline()) not in (b"\r\n", b"\n", b""):
            name, value = line.decode("latin-1").split(":", 1)
            headers.append((name, value.strip()))
        if status >= 200:
            break
    facts = {name.lower(): value for name, value in headers}
    if method == "HEAD" or status in (204, 304):
        body = b""
    elif facts.get("transfer-encoding", "").lower() == "chunked":
        body = b""
        while size := int(stream.readline().split(b";")[0], 16):
            body += stream.read(size)
            stream.readline()
        stream.readline()
    elif "content-length" in facts:
        body = stream.read(int(facts["content-length"]))
    else:
        body = stream.read()
    return Answer(status, headers, body)


def send_raw(address, data: bytes, method: str = "GET") -> Answer:
    """Sends these bytes and reads one answer."""
    with connect(address) as connection:
        try:
            connection.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the other side answered before it had read everything
        return read_answer(connection.makefile("rb"), method)


def request(address, method: str, uri: str, headers=(), body: bytes = b"", host: str = None) -> Answer:
    """One request on a connection of its own. `headers` is a mapping or pairs; nothing is added but Host, Connection and Content-Length."""
    pairs = list(headers.items()) if isinstance(headers, dict) else list(headers)
    lines = [f"{method} {uri} HTTP/1.1", f"Host: {host or (address if ':' in str(address) else 'gate')}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in pairs]
    if body or method in ("POST", "PUT", "PATCH"):
        lines.append(f"Content-Length: {len(body)}")
    return send_raw(address, "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body, method)


def bearer(token: str) -> dict:
    return {"Authorization": f"Bearer {token}"}


def is_listening(address) -> bool:
    try:
        connect(address).close()
        return True
    except OSError:
        return False


def unix_now() -> int:
    return int(time.time())
