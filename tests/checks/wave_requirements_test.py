#!/usr/bin/env python3
"""wave_requirements.py finds what it is there to find."""
import unittest

import wave_requirements


def stem(one: str) -> str:
    return one.replace("ST-", "Story") if one.startswith("ST-") else one.replace("-", "_")


ALL = "".join(f"TEST(Wave, {stem(one)}_Holds) {{}}\n".replace("TEST(Wave,", "TEST(WaveRequirements,")
              for one in wave_requirements.IDS if one not in ("FR-003", "NFR-003", "ST-7"))
REASONS = "# why\nFR-003  not ours\nNFR-003  not ours\nST-7  not ours\n"


def faults(tests: str = "", lines: str = REASONS) -> list:
    return wave_requirements.faults_of(ALL + tests, lines)


class WaveRequirements(unittest.TestCase):
    def test_passes_where_each_has_a_test_or_a_reason(self):
        self.assertEqual(faults(), [])

    def test_finds_one_without_either(self):
        self.assertEqual(faults(lines=REASONS.replace("ST-7  not ours\n", "")), ["ST-7: neither a test nor a line in wave_requirements.txt"])

    def test_finds_one_with_both_and_knows_nfr_from_fr(self):
        self.assertEqual(faults(tests="TEST(WaveStories, NFR_003_Holds) {}\n"), ["NFR-003: has a test, and a line that says that it has none"])

    def test_reads_several_ids_of_one_test(self):
        self.assertEqual(len(faults(tests="TEST(WaveRequirements, FR_003_NFR_003_Hold) {}\n")), 2)

    def test_finds_a_line_without_a_reason(self):
        self.assertEqual(faults(lines=REASONS.replace("ST-7  not ours", "ST-7")), ["ST-7: the line gives no reason"])

    def test_finds_an_id_that_is_none(self):
        self.assertEqual(faults(tests="TEST(WaveRequirements, FR_010_Holds) {}\n"), ["FR-010: no such requirement"])


if __name__ == "__main__":
    unittest.main()
