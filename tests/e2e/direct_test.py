#!/usr/bin/env python3
"""What reaches the gate past its proxy: strangers, two credentials, headers without end; and a stop that drops nothing."""
import signal
import unittest

from processes import wait_until
from stack import Stack
import wire

QUESTION = {"X-Original-URI": "/v2/team/app/manifests/latest", "X-Original-Method": "GET"}


class StraightToTheSocket(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = Stack().__enter__()
        cls.addClassCleanup(lambda: cls.stack.__exit__(None, None, None))
        cls.stack.make_key("k1")
        cls.stack.config["portcullis"]["proxy"]["trusted"] = ["127.0.0.2/32"]
        cls.stack.start_gate(listen=("unix:gate.sock", "127.0.0.1:0"))
        cls.socket = next(address for address in cls.stack.gate_addresses if address.startswith("/"))
        cls.tcp = next(address for address in cls.stack.gate_addresses if not address.startswith("/"))
        cls.token = cls.stack.mint("k1", "repository:team/app:pull")

    def ask(self, *headers, address=None):
        return wire.request(address or self.socket, "GET", "/auth", [*QUESTION.items(), *headers])

    def test_a_good_question_is_answered(self):
        answer = self.ask(*wire.bearer(self.token).items())

        self.assertEqual((answer.status, answer.one("X-Auth-Request-User"), answer.one("X-Portcullis-Decision")), (200, "alice", "allow"))

    def test_two_authorization_headers_are_refused_even_if_they_are_the_same(self):
        answer = self.ask(*wire.bearer(self.token).items(), *wire.bearer(self.token).items())

        self.assertEqual((answer.status, self.stack.reason_of(answer)), (401, "multiple_credentials"))
        self.assertEqual(len(answer.all("WWW-Authenticate")), 1)

    def test_a_stranger_over_tcp_is_refused(self):
        answer = self.ask(*wire.bearer(self.token).items(), address=self.tcp)

        self.assertEqual((answer.status, self.stack.reason_of(answer)), (403, "peer_untrusted"))

    def test_two_uris_are_refused(self):
        answer = self.ask(*wire.bearer(self.token).items(), ("X-Original-URI", "/v2/team/app/manifests/latest"))

        self.assertEqual((answer.status, self.stack.reason_of(answer)), (403, "header_ambiguous"))

    def test_a_question_without_a_method_is_refused(self):
        answer = wire.request(self.socket, "GET", "/auth", [("X-Original-URI", "/v2/"), *wire.bearer(self.token).items()])

        self.assertEqual((answer.status, self.stack.reason_of(answer)), (403, "request_incomplete"))

    def test_a_header_of_1_mib_is_refused_and_the_process_is_unharmed(self):
        pid = self.stack.gate.pid
        try:
            status = self.ask(("X-Large", "a" * (1 << 20))).status
        except ConnectionError:
            status = None  # the answer was lost to the reset that follows unread bytes

        self.assertIn(status, (None, 400, 413, 431))
        self.assertEqual(self.ask(*wire.bearer(self.token).items()).status, 200)
        self.assertTrue(self.stack.gate.is_running() and self.stack.gate.pid == pid)

    def test_garbage_on_the_socket_harms_nobody(self):
        for data in [b"\x16\x03\x01\x02\x00", b"PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n", b"\r\n\r\n", b"GET\r\n\r\n", b"\x00" * 100]:
            with self.subTest(data[:8]):
                with wire.connect(self.socket) as connection:
                    connection.sendall(data)

                self.assertEqual(self.ask(*wire.bearer(self.token).items()).status, 200)


class GracefulStop(unittest.TestCase):
    def test_readiness_goes_first_and_the_process_ends_well(self):
        with Stack() as stack:
            stack.make_key("k1")
            stack.config["portcullis"]["drain"] = {"delay": "2s", "deadline": "5s"}
            stack.start_gate()
            self.assertEqual(stack.ready().status, 200)
            token = stack.mint("k1", "repository:team/app:pull")  # now, because that takes longer than the delay where the machine is busy

            stack.gate.send(signal.SIGTERM)
            wait_until(lambda: stack.ready().status == 503, "readiness goes")
            answer = wire.request(stack.gate_addresses[0], "GET", "/auth", {**QUESTION, **wire.bearer(token)})

            self.assertEqual(answer.status, 200, "requests are answered during the drain delay")
            wait_until(lambda: not stack.gate.is_running(), "the gate ends")
            stack.admin = None


if __name__ == "__main__":
    unittest.main()
