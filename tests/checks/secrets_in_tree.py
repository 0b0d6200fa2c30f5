#!/usr/bin/env python3
"""No private key and no credential lies in the tree: tests and the quickstart make theirs at run time."""
import re
import sys

import source_tree

PATTERNS = {
    "a private key": re.compile(rb"BEGIN [A-Z ]*PRIVATE KEY-----(?:\\n|\s|\"|')*[A-Za-z0-9+/]{40}"),
    "an AWS access key": re.compile(rb"\b(?:AKIA|ASIA)(?![A-Z0-9]{9}EXAMPLE)[A-Z0-9]{16}\b"),
    "a GitHub token": re.compile(rb"\bgh[pousr]_[A-Za-z0-9]{36}\b"),
}
# Published vectors of standards hold published keys; they stand in folders of this name alone.
PUBLISHED = "vectors"


def faults_of(name: str, data: bytes) -> list:
    if PUBLISHED in name.split("/"):
        return []
    return [f"{name}: holds {what}" for what, pattern in PATTERNS.items() if pattern.search(data)]


def main() -> int:
    faults = []
    for path in source_tree.files():
        faults += faults_of(str(path), (source_tree.ROOT / path).read_bytes())
    print("\n".join(faults) or "secrets: none")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
