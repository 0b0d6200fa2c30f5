"""AWS's own host names on loopback: a certificate authority for one test, and a proxy that leads every CONNECT to one address."""
import pathlib
import select
import socket
import threading

from processes import run


class Certificates:
    """An authority and a server certificate for `names`, made now by openssl."""

    def __init__(self, folder: pathlib.Path, names: list):
        self.ca, self.certificate, self.key = folder / "ca.crt", folder / "server.crt", folder / "server.pem"
        ca_key, request, extensions = folder / "ca.pem", folder / "server.csr", folder / "server.ext"
        new_key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        extensions.write_text("subjectAltName=" + ",".join(f"DNS:{name}" for name in names) + "\nextendedKeyUsage=serverAuth\n")
        for command in (
            ["req", "-x509", *new_key, "-keyout", ca_key, "-out", self.ca, "-days", "2", "-subj", "/CN=test authority"],
            ["req", *new_key, "-keyout", self.key, "-out", request, "-subj", "/CN=test cloud"],
            ["x509", "-req", "-in", request, "-CA", self.ca, "-CAkey", ca_key, "-CAcreateserial", "-out", self.certificate, "-days", "2", "-extfile", extensions],
        ):
            made = run(["openssl", *command])
            assert made.returncode == 0, made.stderr


class Tunnel:
    """An HTTP proxy for CONNECT alone. `asked` lists the hosts that clients wanted."""

    def __init__(self, target: str):
        host, port = target.rsplit(":", 1)
        self.target = (host, int(port))
        self.asked = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = "http://127.0.0.1:%d" % self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def stop(self):
        self.listener.close()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.carry, args=(client,), daemon=True).start()

    def carry(self, client: socket.socket):
        with client, socket.create_connection(self.target) as server:
            head = b""
            while b"\r\n\r\n" not in head:
                piece = client.recv(4096)
                if not piece:
                    return
                head += piece
            method, host, _ = head.split(b"\r\n", 1)[0].decode().split(" ")
            if method != "CONNECT":
                client.sendall(b"HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n")
                return
            self.asked.append(host)
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            self.copy(client, server)

    @staticmethod
    def copy(client: socket.socket, server: socket.socket):
        other = {client: server, server: client}
        while True:
            for ready in select.select([client, server], [], [])[0]:
                try:
                    piece = ready.recv(65536)
                    if not piece:
                        return
                    other[ready].sendall(piece)
                except OSError:
                    return
