#!/usr/bin/env python3
"""Everything that JFrog's registry operator (JR-01 to JR-22) and credentials provider (JP-01 to JP-07) do has a test in tests/broker/ whose name begins
with its id, or a line in tests/broker/jfrog_requirements.txt that says why not; never both.

usage: jfrog_requirements.py
"""
import re
import sys

import requirement_list

LINES = "jfrog_requirements.txt"
IDS = [f"JR-{number:02}" for number in range(1, 23)] + [f"JP-{number:02}" for number in range(1, 8)]
TEST = re.compile(r"\bTEST(?:_F|_P)?\(\s*\w+,\s*((?:J[RP]_\d\d_)+)\w+\)")


def faults_of(tests: str, lines: str) -> list:
    shown = {f"{kind}-{number}" for stem in TEST.findall(tests) for kind, number in re.findall(r"(J[RP])_(\d\d)_", stem)}
    return requirement_list.faults_of(IDS, shown, lines, LINES)


def main() -> int:
    faults = faults_of(requirement_list.tests_of("*_test.cc"), requirement_list.lines_of(LINES))
    return requirement_list.report(faults, "JFrog's", len(IDS))


if __name__ == "__main__":
    sys.exit(main())
