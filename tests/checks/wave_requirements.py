#!/usr/bin/env python3
"""Everything that Wave asks of logins across accounts has a test in tests/broker/ whose name begins with its id, or a line in
tests/broker/wave_requirements.txt that says why not; never both. FR-010 and FR-018 do not exist. Stories are ST-1 to ST-9 here, `Story1_…` there.

usage: wave_requirements.py
"""
import re
import sys

import source_tree

FOLDER = source_tree.ROOT / "tests/broker"
IDS = [f"FR-{number:03}" for number in range(1, 25) if number not in (10, 18)]
IDS += [f"{kind}-{number:03}" for kind, last in (("NFR", 8), ("SC", 12), ("MO", 5)) for number in range(1, last + 1)]
IDS += [f"ST-{number}" for number in range(1, 10)]
TEST = re.compile(r"\bTEST(?:_F|_P)?\(\s*Wave\w+,\s*(\w+)\)")
NUMBER = re.compile(r"(?<![A-Z])(FR|NFR|SC|MO)_(\d{3})_|\bStory()(\d)_")


def faults_of(tests: str, lines: str) -> list:
    shown = {f"{kind or 'ST'}-{number or story}" for name in TEST.findall(tests) for kind, number, _, story in NUMBER.findall(name)}
    listed = [line.split(None, 1) for line in lines.splitlines() if line.strip() and not line.startswith("#")]
    reasons = {words[0]: words[1] if len(words) > 1 else "" for words in listed}
    faults = [f"{one}: no such requirement" for one in sorted(shown | reasons.keys()) if one not in IDS]
    faults += [f"{one}: neither a test nor a line in wave_requirements.txt" for one in IDS if one not in shown and one not in reasons]
    faults += [f"{one}: has a test, and a line that says that it has none" for one in sorted(shown & reasons.keys())]
    faults += [f"{one}: the line gives no reason" for one, reason in sorted(reasons.items()) if not reason.strip()]
    return faults


def main() -> int:
    tests = "\n".join(path.read_text() for path in sorted(FOLDER.glob("wave_*_test.cc")))
    faults = faults_of(tests, (FOLDER / "wave_requirements.txt").read_text())
    print("\n".join(faults) or f"Wave's requirements: all {len(IDS)} are accounted for")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
