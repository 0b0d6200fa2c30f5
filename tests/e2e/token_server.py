"""A small token endpoint for tests: the other half of the challenge flow (distribution's token specification). Mints with `portcullis token mint`."""
import base64
import http.server
import json
import threading
import urllib.parse


class TokenServer:
    """Gives every known user what the rights allow of the scopes that were asked for. Use as a context manager; `realm` is its URL."""

    def __init__(self, mint, users: dict, rights: dict):
        """`mint(subject, entries)` makes a token; `users` is name to password; `rights` is name to a set of `repository:NAME:ACTION`."""
        self.asked = []  # scopes, as they came
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
                user = outer.user_of(self.headers.get("Authorization", ""), users)
                if user is None:
                    return self.answer(401, {"errors": [{"code": "UNAUTHORIZED", "message": "who are you"}]})
                scopes = [scope for text in query.get("scope", []) for scope in text.split()]
                outer.asked.append((query.get("service", [""])[0], scopes))
                token = mint(user, [entry for scope in scopes if (entry := outer.granted(scope, rights[user]))])
                return self.answer(200, {"token": token, "access_token": token, "expires_in": 900})

            def answer(self, status, document):
                body = json.dumps(document).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.realm = "http://127.0.0.1:%d/token" % self.server.server_address[1]

    @staticmethod
    def user_of(header: str, users: dict):
        try:
            name, password = base64.b64decode(header.removeprefix("Basic ")).decode().split(":", 1)
        except ValueError:
            return None
        return name if users.get(name) == password else None

    @staticmethod
    def granted(scope: str, rights: set):
        """What of `repository:NAME:a,b` is a right, in the same form; nothing where that is nothing."""
        kind, rest = scope.split(":", 1)
        name, actions = rest.rsplit(":", 1)
        kept = [action for action in actions.split(",") if f"{kind}:{name}:{action}" in rights]
        return f"{kind}:{name}:{','.join(kept)}" if kept else None

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
