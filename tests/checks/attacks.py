#!/usr/bin/env python3
"""Every attack of the catalogue is tried by a test that bears its id, or tests/attacks/README.md says why it cannot be tried yet; and its table names exactly
the tests that there are.

usage: attacks.py
"""
import re
import sys

import source_tree

FOLDER = source_tree.ROOT / "tests" / "attacks"
CATALOGUE = {"A": 14, "S": 14, "E": 21, "J": 14, "C": 22, "K": 20, "N": 30, "R": 18, "G": 9}
TEST = re.compile(r"\bTEST(?:_F)?\(\s*Attacks2\w+,\s*(([A-Z]\d+)_\w+)\)")
ROW = re.compile(r"^\| ([A-Z]\d+) \| (.+?) \| (.+?) \|$", re.MULTILINE)


def tests_by_id(texts) -> dict:
    """Id to the names of its tests."""
    found = {}
    for text in texts:
        for name, attack in TEST.findall(text):
            found.setdefault(attack, set()).add(name)
    return found


def faults_of(readme: str, tests: dict) -> list:
    rows = {attack: outcome for attack, _, outcome in ROW.findall(readme)}
    faults = []
    for letter, count in CATALOGUE.items():
        for number in range(1, count + 1):
            attack = f"{letter}{number}"
            if attack not in rows:
                faults.append(f"{attack}: no row in tests/attacks/README.md")
                continue
            named = set(re.findall(r"`([A-Z]\d+_\w+)`", rows[attack]))
            if named != tests.get(attack, set()):
                faults.append(f"{attack}: the table names {sorted(named)}, the tests are {sorted(tests.get(attack, set()))}")
            elif not named and not rows[attack].startswith("not yet: "):
                faults.append(f"{attack}: neither a test nor a reason (\"not yet: …\")")
    return faults


def main() -> int:
    tests = tests_by_id(path.read_text() for path in sorted(FOLDER.glob("*_test.cc")))
    faults = faults_of((FOLDER / "README.md").read_text(), tests)
    print("\n".join(faults) or f"attacks: {sum(CATALOGUE.values())} ids, {sum(map(len, tests.values()))} tests")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
