#!/usr/bin/env python3
"""jfrog_requirements.py finds what it is there to find."""
import unittest

import jfrog_requirements

ALL = "".join(f"TEST(Jfrog, {one.replace('-', '_')}_Holds) {{}}\n" for one in jfrog_requirements.IDS if one not in ("JR-06", "JP-06"))


def faults(tests: str = "", lines: str = "# why\nJR-06  not ours\nJP-06  not ours\n") -> list:
    return jfrog_requirements.faults_of(ALL + tests, lines)


class JfrogRequirements(unittest.TestCase):
    def test_passes_where_each_has_a_test_or_a_reason(self):
        self.assertEqual(faults(), [])

    def test_finds_one_without_either(self):
        self.assertEqual(faults(lines="JR-06  not ours\n"), ["JP-06: neither a test nor a line in jfrog_requirements.txt"])

    def test_finds_one_with_both(self):
        self.assertEqual(len(faults(tests="TEST_F(Jfrog, JR_06_Holds) {}\n")), 1)

    def test_finds_a_line_without_a_reason(self):
        self.assertEqual(faults(lines="JR-06\nJP-06  not ours\n"), ["JR-06: the line gives no reason"])

    def test_finds_an_id_that_is_none(self):
        self.assertEqual(len(faults(tests="TEST(Jfrog, JR_23_Holds) {}\n")), 1)


if __name__ == "__main__":
    unittest.main()
