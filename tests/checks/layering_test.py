#!/usr/bin/env python3
"""The layering check itself finds what it is there to find."""
import pathlib
import unittest

import layering

FOLDERS = {"base": "base", "policy": "policy", "plugin/cli": "plugin"}
EDGES = {"base": {"base"}, "policy": {"policy", "base"}, "plugin": {"plugin", "policy", "base"}}


def faults(path, text):
    return list(layering.faults_of(pathlib.PurePosixPath(path), text, FOLDERS, EDGES))


class Layering(unittest.TestCase):
    def test_a_downward_include_is_fine(self):
        self.assertEqual(faults("policy/route.cc", '#include "base/result.h"\n'), [])

    def test_an_upward_include_is_found(self):
        self.assertEqual(len(faults("base/result.h", '#include "policy/route.h"\n')), 1)

    def test_an_include_of_no_module_is_found(self):
        self.assertEqual(len(faults("base/result.h", '#include "tests/support/tokens.h"\n')), 1)

    def test_a_library_outside_its_room_is_found(self):
        self.assertEqual(len(faults("policy/route.cc", "#include <openssl/evp.h>\n")), 1)

    def test_a_library_in_its_room_is_fine(self):
        self.assertEqual(faults("base/digest.cc", "#include <openssl/evp.h>\n"), [])

    def test_a_cycle_is_found(self):
        self.assertEqual(layering.cycles({"a": {"a", "b"}, "b": {"b", "a"}}), ["a", "b"])

    def test_no_cycle_is_found_where_there_is_none(self):
        self.assertEqual(layering.cycles(EDGES), [])


if __name__ == "__main__":
    unittest.main()
