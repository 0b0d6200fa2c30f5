#!/usr/bin/env python3
"""zot_rows.py finds what it is there to find."""
import unittest

import zot_rows

SECTIONS = "".join(f"| {letter} | what | {count} |\n" for letter, count in zot_rows.CATALOGUE.items())
ALL = "".join(f"TEST(ZotRows{letter}, {letter}1to{count}_Rows) {{}}\n" for letter, count in zot_rows.CATALOGUE.items() if letter != "L")
ELSEWHERE = "TEST(Metrics, AreOpen) {}\nTEST(ZotRowsL, L1L2_Two) {}\nTEST_F(ZotRowsL,\n  L3To9_Seven) {}\n"


def faults(readme="| L10 | of another kind | `Metrics.AreOpen` |\n", tests="", sections=SECTIONS):
    return zot_rows.faults_of(sections + readme, [ALL, ELSEWHERE, tests])


class ZotRows(unittest.TestCase):
    def test_passes_whole_rows(self):
        self.assertEqual(faults(), [])

    def test_reads_the_ids_of_a_name(self):
        self.assertEqual(zot_rows.ids_of("I9toI11_Other"), ["I9", "I10", "I11"])
        self.assertEqual(zot_rows.ids_of("I22and23_Bool"), ["I22", "I23"])
        self.assertEqual(zot_rows.ids_of("K8K9_Admin"), ["K8", "K9"])
        self.assertEqual(zot_rows.ids_of("NoRow_Here"), [])

    def test_finds_a_row_without_a_test(self):
        self.assertEqual(len(faults(readme="")), 1)

    def test_finds_a_line_whose_test_is_gone(self):
        self.assertEqual(len(faults(readme="| L10 | of another kind | `Metrics.Gone` |\n")), 1)

    def test_finds_a_line_without_a_reason(self):
        self.assertEqual(len(faults(readme="| L10 |  | `Metrics.AreOpen` |\n")), 1)

    def test_finds_a_line_that_a_test_has_overtaken(self):
        self.assertEqual(len(faults(tests="TEST(ZotRowsL, L10_Groups) {}")), 1)

    def test_finds_rows_that_do_not_exist(self):
        self.assertEqual(len(faults(tests="TEST(ZotRowsL, L11_More) {}")), 1)

    def test_finds_tests_of_another_section_or_of_no_row(self):
        self.assertEqual(len(faults(tests="TEST(ZotRowsA, B1_Lost) {}\nTEST(ZotRowsA, Lost) {}")), 2)

    def test_finds_another_number_of_rows(self):
        self.assertEqual(len(faults(sections=SECTIONS.replace("| L | what | 10 |", "| L | what | 9 |"))), 1)


if __name__ == "__main__":
    unittest.main()
