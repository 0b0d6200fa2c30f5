#!/usr/bin/env python3
"""Tables in the documentation that the binary prints: writes them anew, or says that they are out of date.

usage: docs_blocks.py PORTCULLIS [--check]

A block is what stands between `<!-- routes -->` and `<!-- /routes -->` (or `reasons`) in a file of docs/.
"""
import re
import subprocess
import sys

import source_tree

COMMANDS = {"routes": ["routes", "--markdown"], "reasons": ["routes", "--reasons", "--markdown"]}


def fill(text: str, tables: dict) -> tuple:
    """`text` with every block replaced, and the names of the blocks."""
    found = []

    def replace(match):
        found.append(match.group(1))
        return f"<!-- {match.group(1)} -->\n\n{tables[match.group(1)]}\n<!-- /{match.group(1)} -->"

    names = "|".join(tables)
    return re.sub(rf"<!-- ({names}) -->.*?<!-- /\1 -->", replace, text, flags=re.DOTALL), found


def main() -> int:
    binary, check = sys.argv[1], "--check" in sys.argv[2:]
    tables = {name: subprocess.run([binary, *command], check=True, capture_output=True, text=True).stdout for name, command in COMMANDS.items()}
    faults, seen = [], set()
    for path in sorted((source_tree.ROOT / "docs").glob("**/*.md")):
        before = path.read_text()
        after, found = fill(before, tables)
        seen.update(found)
        if after == before:
            continue
        if check:
            faults.append(f"{path.relative_to(source_tree.ROOT)}: a table is out of date; run tests/checks/docs_blocks.py build/dev/plugin/portcullis")
        else:
            path.write_text(after)
    faults += [f"docs: no block called {name}" for name in tables if name not in seen]
    print("\n".join(faults) or "docs blocks: up to date")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
