"""Child processes of a test: started with their output in a file, waited for by polling with a deadline, stopped at the end."""
import os
import pathlib
import signal
import subprocess
import time

DEADLINE = float(os.environ.get("PORTCULLIS_E2E_DEADLINE", "30"))  # seconds; sanitizers slow things down


def wait_until(condition, what: str, deadline: float = DEADLINE):
    """Polls until `condition()` is true and returns what it returned; fails after `deadline` seconds."""
    end = time.monotonic() + deadline
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {deadline} s: {what}")
        time.sleep(0.01)


class Process:
    """One child, in a process group of its own. `out` is the file that holds what it writes to standard output, `err` to standard error."""

    def __init__(self, name: str, folder: pathlib.Path, command: list, environment: dict = None):
        self.name = name
        self.out = folder / f"{name}.out"
        self.err = folder / f"{name}.err"
        with open(self.out, "ab") as out, open(self.err, "ab") as err:
            self.child = subprocess.Popen(
                [str(word) for word in command], stdin=subprocess.DEVNULL, stdout=out, stderr=err, cwd=folder, start_new_session=True,
                env={**os.environ, **(environment or {})},
            )

    @property
    def pid(self) -> int:
        return self.child.pid

    def is_running(self) -> bool:
        return self.child.poll() is None

    def output(self) -> str:
        return self.out.read_text(errors="replace") + self.err.read_text(errors="replace")

    def send(self, number: int):
        self.child.send_signal(number)

    def wait_until(self, condition, what: str):
        """As `wait_until`, but fails at once, with the output, if the process ends."""

        def ready():
            value = condition()
            if not value and not self.is_running():
                raise AssertionError(f"{self.name} ended with {self.child.returncode} while waiting: {what}\n{self.output()}")
            return value

        return wait_until(ready, what)

    def stop(self) -> int:
        """Asks it to end, then makes it; returns its exit status."""
        if self.is_running():
            self.child.terminate()
            try:
                self.child.wait(DEADLINE)
            except subprocess.TimeoutExpired:
                os.killpg(self.child.pid, signal.SIGKILL)
        return self.child.wait()


def run(command: list, folder: pathlib.Path = None, **options) -> subprocess.CompletedProcess:
    """Runs a command to its end, with its output as text."""
    return subprocess.run([str(word) for word in command], cwd=folder, capture_output=True, text=True, timeout=4 * DEADLINE, check=False, **options)
