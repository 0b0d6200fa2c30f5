#!/usr/bin/env python3
"""The checks of sizes, secrets and packages find what they are there to find."""
import base64
import os
import unittest

import packages
import secrets_in_tree
import sizes

GOOD_PACKAGES = "# group: build\ng++\n\n# group: run\nnginx\n"


class Sizes(unittest.TestCase):
    def test_400_lines_are_fine(self):
        self.assertEqual(sizes.faults_of("a.cc", "x\n" * 400), [])

    def test_401_lines_are_found(self):
        self.assertEqual(len(sizes.faults_of("a.cc", "x\n" * 401)), 1)

    def test_a_header_without_an_opening_comment_is_found(self):
        self.assertEqual(len(sizes.faults_of("a.h", "#pragma once\n")), 1)

    def test_a_header_with_one_is_fine(self):
        self.assertEqual(sizes.faults_of("a.h", "// What it is for.\n#pragma once\n"), [])


class Secrets(unittest.TestCase):
    def key_block(self, joint: bytes) -> bytes:
        return b"-----BEGIN " + b"PRIVATE KEY-----" + joint + base64.b64encode(os.urandom(48))

    def test_a_private_key_is_found(self):
        self.assertEqual(len(secrets_in_tree.faults_of("a/key.pem", self.key_block(b"\n"))), 1)

    def test_a_private_key_in_a_string_is_found(self):
        self.assertEqual(len(secrets_in_tree.faults_of("a/b.cc", self.key_block(b"\\n"))), 1)

    def test_a_published_vector_is_fine(self):
        self.assertEqual(secrets_in_tree.faults_of("tests/vectors/key.pem", self.key_block(b"\n")), [])

    def test_the_name_of_a_block_alone_is_fine(self):
        self.assertEqual(secrets_in_tree.faults_of("a.md", b"-----BEGIN " + b"PRIVATE KEY----- is refused\n"), [])

    def test_an_access_key_is_found(self):
        self.assertEqual(len(secrets_in_tree.faults_of("a.json", b'"AKIA' + b'ABCDEFGHIJKLMNOP"')), 1)


class Packages(unittest.TestCase):
    def test_a_good_list_has_no_faults(self):
        self.assertEqual(packages.parse(GOOD_PACKAGES), ({"build": ["g++"], "run": ["nginx"]}, []))

    def test_a_name_that_stands_twice_in_a_group_is_found(self):
        self.assertEqual(len(packages.parse(GOOD_PACKAGES + "nginx\n")[1]), 1)
        self.assertEqual(packages.parse(GOOD_PACKAGES + "g++\n")[1], [])

    def test_an_unknown_group_is_found(self):
        self.assertEqual(len(packages.parse("# group: misc\n")[1]), 1)

    def test_a_line_that_is_no_name_is_found(self):
        self.assertEqual(len(packages.parse(GOOD_PACKAGES + "nginx curl\n")[1]), 1)


if __name__ == "__main__":
    unittest.main()
