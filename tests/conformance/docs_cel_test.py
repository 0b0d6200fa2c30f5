#!/usr/bin/env python3
"""docs/cel.md is true: each row of its tables gives what it says, and each function of the engine has one.

usage: docs_cel_test.py PORTCULLIS SOURCE_DIR
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile

ROW = re.compile(r"^\| `(?P<source>.+?)` \| (?:`(?P<value>.+)`|error: (?P<error>.+)) \|$")
FUNCTION = re.compile(r'\{"([A-Za-z0-9.]+)", \d, ')


def outcome(portcullis: str, source: str, data: pathlib.Path) -> tuple:
    """The value as text, or the error behind the expression that it quotes."""
    run = subprocess.run([portcullis, "cel", "--json", "--data", data, "--", source], capture_output=True, text=True, check=False)
    answer = json.loads(run.stdout)
    if answer["ok"]:
        return json.dumps(answer["value"], separators=(",", ":"), ensure_ascii=False), None
    return None, answer["detail"].split(f"'{source}': ", 1)[-1]


def main() -> int:
    portcullis, root = sys.argv[1], pathlib.Path(sys.argv[2])
    page = (root / "docs/cel.md").read_text(encoding="utf-8")
    rows = [match for match in map(ROW.match, page.splitlines()) if match]
    faults = []
    with tempfile.TemporaryDirectory() as folder:
        data = pathlib.Path(folder) / "data.json"
        data.write_text(re.search(r"```json\n(.*?)```", page, re.DOTALL)[1], encoding="utf-8")
        for row in rows:
            source = row["source"].replace(r"\|", "|")
            found = outcome(portcullis, source, data)
            if found != (row["value"], row["error"]):
                faults.append(f"{source}\n    says {row['value'] or row['error']}\n    gives {found[0] or found[1]}")
    sources = " ".join(row["source"] for row in rows)
    for path in sorted((root / "policy/cel/functions").glob("*.cc")):
        names = FUNCTION.findall(path.read_text(encoding="utf-8"))
        faults += [f"{path.name}: {name} has no example in docs/cel.md" for name in sorted(set(names)) if not re.search(rf"\b{re.escape(name)}\(", sources)]
    print("\n".join(faults) or f"docs/cel.md: {len(rows)} examples, all true")
    return 1 if faults or not rows else 0


if __name__ == "__main__":
    sys.exit(main())
