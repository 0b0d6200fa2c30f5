#!/usr/bin/env python3
"""Everything that Wave asks of logins across accounts has a test in tests/broker/ whose name begins with its id, or a line in
tests/broker/wave_requirements.txt that says why not; never both. FR-010 and FR-018 do not exist. Stories are ST-1 to ST-9 here, `Story1_…` there.

usage: wave_requirements.py
"""
import re
import sys

import requirement_list

LINES = "wave_requirements.txt"
IDS = [f"FR-{number:03}" for number in range(1, 25) if number not in (10, 18)]
IDS += [f"{kind}-{number:03}" for kind, last in (("NFR", 8), ("SC", 12), ("MO", 5)) for number in range(1, last + 1)]
IDS += [f"ST-{number}" for number in range(1, 10)]
TEST = re.compile(r"\bTEST(?:_F|_P)?\(\s*Wave\w+,\s*(\w+)\)")
NUMBER = re.compile(r"(?<![A-Z])(FR|NFR|SC|MO)_(\d{3})_|\bStory()(\d)_")


def faults_of(tests: str, lines: str) -> list:
    shown = {f"{kind or 'ST'}-{number or story}" for name in TEST.findall(tests) for kind, number, _, story in NUMBER.findall(name)}
    return requirement_list.faults_of(IDS, shown, lines, LINES)


def main() -> int:
    faults = faults_of(requirement_list.tests_of("wave_*_test.cc"), requirement_list.lines_of(LINES))
    return requirement_list.report(faults, "Wave's", len(IDS))


if __name__ == "__main__":
    sys.exit(main())
