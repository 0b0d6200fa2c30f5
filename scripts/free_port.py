#!/usr/bin/env python3
"""Prints a TCP port of 127.0.0.1 that nobody listens on now. Another may take it before the caller does: the caller tries again then."""
import socket


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


if __name__ == "__main__":
    print(free_port())
