"""A load of keep-alive connections by wrk, with every answer counted by its status."""
import json
import pathlib
import signal

from processes import Process

SCRIPT = pathlib.Path(__file__).with_name("statuses.lua")
MADE_UP_KIDS = pathlib.Path(__file__).with_name("made_up_kids.lua")
LONGEST = 120  # seconds: it is stopped long before


class Load:
    """wrk asking the same question until `stop`."""

    def __init__(self, stack, name: str, uri: str, headers: dict, address: str = None, connections: int = 8, script: pathlib.Path = SCRIPT, words: tuple = ()):
        self.process = Process(name, stack.folder, ["wrk", "-t1", f"-c{connections}", f"-d{LONGEST}s", "--timeout", "10s", "-s", script,
                                                    f"http://{address or stack.front}{uri}", "--", *words, *[f"{key}={value}" for key, value in headers.items()]])
        stack.processes.append(self.process)

    def stop(self) -> tuple:
        """Counts by status, and how many answers were lost (connections refused or cut, timeouts)."""
        self.process.send(signal.SIGINT)  # wrk reports what it has
        self.process.child.wait(30)
        lines = [line for line in self.process.output().splitlines() if line.startswith("RESULT ")]
        assert lines, self.process.output()
        result = json.loads(lines[0].removeprefix("RESULT "))
        return {int(status): count for status, count in result["statuses"].items()}, result["lost"]
