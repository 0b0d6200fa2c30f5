#!/usr/bin/env python3
"""The end-to-end harness itself: it finds the secret that a program writes, and reads HTTP as it is."""
import io
import pathlib
import tempfile
import unittest

from secrecy import Canaries
import wire


class Secrecy(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)
        self.canaries = Canaries()
        self.canaries.add_token("header-of-a-token.payload-of-a-token.signature-of-a-token")

    def test_a_token_in_a_log_is_found(self):
        (self.folder / "gate.log").write_text("got header-of-a-token.payload-of-a-token.signature-of-a-token\n")

        self.assertEqual(len(self.canaries.found_below(self.folder)), 2)

    def test_a_signature_alone_is_found(self):
        (self.folder / "gate.log").write_text("sig=signature-of-a-token\n")

        self.assertEqual(len(self.canaries.found_below(self.folder)), 1)

    def test_a_tests_own_token_file_is_not(self):
        (self.folder / "1.token").write_text("header-of-a-token.payload-of-a-token.signature-of-a-token\n")

        self.assertEqual(self.canaries.found_below(self.folder), [])

    def test_a_private_key_is_found(self):
        self.canaries.add_private_key("-----BEGIN " + "PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA\n-----END PRIVATE KEY-----\n")
        (self.folder / "core").write_text("xxMC4CAQAwBQYDK2VwBCIEIAxx")

        self.assertEqual(len(self.canaries.found_below(self.folder)), 1)


class Wire(unittest.TestCase):
    def read(self, text: bytes, method: str = "GET") -> wire.Answer:
        return wire.read_answer(io.BytesIO(text), method)

    def test_headers_that_stand_twice_are_both_seen(self):
        answer = self.read(b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: a\r\nwww-authenticate: b\r\nContent-Length: 0\r\n\r\n")

        self.assertEqual(answer.all("WWW-Authenticate"), ["a", "b"])
        with self.assertRaises(AssertionError):
            answer.one("WWW-Authenticate")

    def test_a_chunked_body_is_joined(self):
        answer = self.read(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")

        self.assertEqual(answer.body, b"abcde")

    def test_an_interim_answer_is_skipped(self):
        answer = self.read(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 1\r\n\r\nx")

        self.assertEqual((answer.status, answer.body), (201, b"x"))

    def test_silence_is_an_error(self):
        with self.assertRaises(ConnectionError):
            self.read(b"")


if __name__ == "__main__":
    unittest.main()
