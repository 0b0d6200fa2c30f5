"""Interleaved rounds: everything once, then everything again, so that a slow minute of the machine hits all alike. Ratios are taken inside a round."""
import contextlib
import statistics
import sys


class Progress:
    """A bar on a terminal, nothing elsewhere."""

    def __init__(self, total):
        self.total, self.done, self.shown = max(1, total), 0, sys.stderr.isatty()

    def step(self, what):
        self.done += 1
        if self.shown:
            filled = min(24, 24 * self.done // self.total)
            sys.stderr.write(f"\r\x1b[K[{'#' * filled}{' ' * (24 - filled)}] {self.done}/{self.total} {what}")
            sys.stderr.flush()

    def close(self):
        if self.shown:
            sys.stderr.write("\r\x1b[K")


def interleave(servers, rounds, measure, progress, label, token, path="/auth"):
    """Starts all `servers`, waits until each is ready, and runs `measure(server, round)` for each in turn, `rounds` times. A list of results by name."""
    results = {server.name: [] for server in servers}
    with contextlib.ExitStack() as stack:
        for server in servers:
            stack.enter_context(server)
        for server in servers:
            server.wait_ready(token, path)
        for number in range(rounds):
            for server in servers:
                progress.step(f"{label}: {server.name}")
                results[server.name].append(measure(server, number))
    return results


def ratio(numerators, denominators):
    """The median of the ratios of each round."""
    return statistics.median(one / other for one, other in zip(numerators, denominators))


def spread(numerators, denominators):
    """The smallest and the largest ratio of a round."""
    ratios = [one / other for one, other in zip(numerators, denominators)]
    return min(ratios), max(ratios)
