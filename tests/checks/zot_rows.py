#!/usr/bin/env python3
"""Every row of zot's behaviour has a test that bears its id, or tests/zot/README.md says why it has none and what shows it instead.

A test of the suite ZotRowsX, in any folder of tests/, bears the ids that its name begins with: J1_, J16J17_, J4ToJ7_, I22and23_.

usage: zot_rows.py
"""
import re
import sys

import source_tree

TESTS = source_tree.ROOT / "tests"
CATALOGUE = {"A": 25, "B": 26, "C": 16, "D": 12, "E": 15, "F": 18, "G": 23, "H": 39, "I": 27, "J": 39, "K": 25, "L": 10, "M": 27, "N": 31, "P": 10}
TEST = re.compile(r"\bTEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)\)")
STEM = re.compile(r"([A-Z]\d+(?:(?:to|To|and|And)?[A-Z]?\d+)*)_")
PART = re.compile(r"(to|To|and|And)?([A-Z]?)(\d+)")
SECTION = re.compile(r"^\| ([A-Z]) \| [^|]+ \| (\d+) \|", re.MULTILINE)
EXCEPTION = re.compile(r"^\| ([A-Z]\d+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)


def ids_of(name: str):
    """The ids that a test's name begins with; nothing where it begins with none."""
    stem = STEM.match(name)
    if not stem:
        return []
    ids = []
    section, last = "", 0
    for word, letter, digits in PART.findall(stem.group(1)):
        section = letter or section
        number = int(digits)
        ids += [f"{section}{one}" for one in range(last + 1 if word.lower() == "to" else number, number + 1)]
        last = number
    return ids


def read_tests(texts):
    """All tests as Suite.Name; and id to the names of those that bear it."""
    every, rows, strays = set(), {}, []
    for text in texts:
        for suite, name in TEST.findall(text):
            every.add(f"{suite}.{name}")
            if not re.fullmatch(r"ZotRows[A-Z]", suite):
                continue
            ids = ids_of(name)
            for row in ids:
                rows.setdefault(row, set()).add(name)
            if not ids or any(row[0] != suite[-1] for row in ids):
                strays.append(f"{suite}.{name}: a test of this suite begins with the ids of its rows")
    return every, rows, strays


def faults_of(readme: str, texts) -> list:
    every, rows, faults = read_tests(texts)
    counts = {letter: int(count) for letter, count in SECTION.findall(readme)}
    if counts != CATALOGUE:
        faults.append(f"the README's sections are {counts}, and should be {CATALOGUE}")
    exceptions = {row: (why.strip(), shown) for row, why, shown in EXCEPTION.findall(readme)}
    known = {f"{letter}{n}" for letter, count in CATALOGUE.items() for n in range(1, count + 1)}
    faults += [f"{row}: there is no such row" for row in sorted((set(rows) | set(exceptions)) - known)]
    for row in sorted(known, key=lambda one: (one[0], int(one[1:]))):
        if row in rows and row in exceptions:
            faults.append(f"{row}: the README has no test of it, and there is {sorted(rows[row])}")
        elif row not in rows and row not in exceptions:
            faults.append(f"{row}: neither a test nor a line of tests/zot/README.md")
        elif row in exceptions:
            faults += exception_faults(row, *exceptions[row], every)
    return faults


def exception_faults(row: str, why: str, shown: str, every: set) -> list:
    names = re.findall(r"`([^`]+)`", shown)
    if not why or not names:
        return [f"{row}: a line without a reason, or without what shows it"]
    missing = [name for name in names if name not in every and not (TESTS.parent / name).is_file()]
    return [f"{row}: {name} is neither a test nor a file" for name in missing]


def main() -> int:
    texts = [path.read_text() for path in sorted(TESTS.rglob("*_test.cc"))]
    faults = faults_of((TESTS / "zot" / "README.md").read_text(), texts)
    print("\n".join(faults) or f"zot_rows: {sum(CATALOGUE.values())} rows")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
