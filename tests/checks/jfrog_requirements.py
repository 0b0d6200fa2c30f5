#!/usr/bin/env python3
"""Everything that JFrog's registry operator (JR-01 to JR-22) and credentials provider (JP-01 to JP-07) do has a test in tests/broker/ whose name begins
with its id, or a line in tests/broker/jfrog_requirements.txt that says why not; never both.

usage: jfrog_requirements.py
"""
import re
import sys

import source_tree

FOLDER = source_tree.ROOT / "tests/broker"
IDS = [f"JR-{number:02}" for number in range(1, 23)] + [f"JP-{number:02}" for number in range(1, 8)]
TEST = re.compile(r"\bTEST(?:_F|_P)?\(\s*\w+,\s*((?:J[RP]_\d\d_)+)\w+\)")


def faults_of(tests: str, lines: str) -> list:
    shown = {f"{kind}-{number}" for stem in TEST.findall(tests) for kind, number in re.findall(r"(J[RP])_(\d\d)_", stem)}
    listed = [line.split(None, 1) for line in lines.splitlines() if line.strip() and not line.startswith("#")]
    reasons = {words[0]: words[1] if len(words) > 1 else "" for words in listed}
    faults = [f"{one}: no such requirement" for one in sorted(shown | reasons.keys()) if one not in IDS]
    faults += [f"{one}: neither a test nor a line in jfrog_requirements.txt" for one in IDS if one not in shown and one not in reasons]
    faults += [f"{one}: has a test, and a line that says that it has none" for one in sorted(shown & reasons.keys())]
    faults += [f"{one}: the line gives no reason" for one, reason in sorted(reasons.items()) if not reason.strip()]
    return faults


def main() -> int:
    tests = "\n".join(path.read_text() for path in sorted(FOLDER.glob("*_test.cc")))
    faults = faults_of(tests, (FOLDER / "jfrog_requirements.txt").read_text())
    print("\n".join(faults) or f"JFrog's requirements: all {len(IDS)} are accounted for")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
