"""Nothing secret is ever written: the words to look for, and the files to look into."""
import pathlib

# A test's own files that hold secrets on purpose.
PURPOSEFUL = {".pem", ".token", ".secret"}
SMALLEST = 16


class Canaries:
    """Secrets of one stack: tokens, marker lines, private keys."""

    def __init__(self):
        self.words = set()

    def add(self, secret: str):
        assert len(secret) >= SMALLEST, "too short to look for"
        self.words.add(secret)

    def add_token(self, token: str):
        """A token must not appear in whole, and its signature, which makes it usable, must not appear either."""
        self.add(token)
        self.add(token.rsplit(".", 1)[1])

    def add_private_key(self, pem: str):
        """The longest line of its base64 text."""
        self.add(max((line for line in pem.splitlines() if "PRIVATE" not in line), key=len))

    def found_in(self, text: str) -> list:
        return sorted(word[:8] + "…" for word in self.words if word in text)

    def found_below(self, folder: pathlib.Path) -> list:
        """`file: secret` for each file below `folder` that holds one and is not there to hold it."""
        found = []
        for path in folder.rglob("*"):
            if path.is_file() and path.resolve().suffix not in PURPOSEFUL:
                found += [f"{path.relative_to(folder)}: {word}" for word in self.found_in(path.read_text(errors="replace"))]
        return found
