#!/usr/bin/env python3
"""attacks.py finds what it is there to find."""
import unittest

import attacks

TESTS = attacks.tests_by_id(["TEST(Attacks2A, A1_Refuses) {}\nTEST_F(Attacks2BPadding,\n       S7_Refuses) {}"])


def table(**changes):
    rows = {f"{letter}{n}": "not yet: needs more" for letter, count in attacks.CATALOGUE.items() for n in range(1, count + 1)}
    rows.update({"A1": "`A1_Refuses`", "S7": "`S7_Refuses`", **changes})
    return "".join(f"| {attack} | what | {outcome} |\n" for attack, outcome in rows.items() if outcome)


class Attacks(unittest.TestCase):
    def test_passes_a_whole_table(self):
        self.assertEqual(attacks.faults_of(table(), TESTS), [])

    def test_finds_a_missing_row(self):
        self.assertEqual(len(attacks.faults_of(table(N30=None), TESTS)), 1)

    def test_finds_a_test_that_does_not_exist(self):
        self.assertEqual(len(attacks.faults_of(table(A2="`A2_Refuses`"), TESTS)), 1)

    def test_finds_a_test_that_is_not_named(self):
        self.assertEqual(len(attacks.faults_of(table(A1="not yet: needs more"), TESTS)), 1)

    def test_finds_a_row_without_a_reason(self):
        self.assertEqual(len(attacks.faults_of(table(A2="later"), TESTS)), 1)


if __name__ == "__main__":
    unittest.main()
