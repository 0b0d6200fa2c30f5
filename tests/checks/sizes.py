#!/usr/bin/env python3
"""No source file is longer than 400 lines, and every header opens with a comment that says what it is for (docs/conventions.md)."""
import sys

import source_tree

LONGEST = 400


def faults_of(name: str, text: str) -> list:
    lines = text.splitlines()
    faults = []
    if len(lines) > LONGEST:
        faults.append(f"{name}: {len(lines)} lines, {LONGEST} at most; look for the second noun in it")
    if name.endswith(".h") and not (lines and lines[0].startswith("// ")):
        faults.append(f"{name}: opens without a comment that says what it is for")
    return faults


def main() -> int:
    faults = []
    for path in source_tree.files():
        if path.suffix in source_tree.CODE or source_tree.is_script(path):
            faults += faults_of(str(path), (source_tree.ROOT / path).read_text(encoding="utf-8"))
    print("\n".join(faults) or "sizes: fine")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
