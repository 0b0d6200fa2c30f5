"""Requirements of others by their ids: each has a test, or a line in a file that says why not; never both."""
import source_tree

FOLDER = source_tree.ROOT / "tests/broker"


def faults_of(ids: list, shown: set, lines: str, name: str) -> list:
    """`shown`: the ids that tests name; `lines`: the text of the file `name`, an id and a reason a line, `#` begins a comment."""
    listed = [line.split(None, 1) for line in lines.splitlines() if line.strip() and not line.startswith("#")]
    reasons = {words[0]: words[1] if len(words) > 1 else "" for words in listed}
    faults = [f"{one}: no such requirement" for one in sorted(shown | reasons.keys()) if one not in ids]
    faults += [f"{one}: neither a test nor a line in {name}" for one in ids if one not in shown and one not in reasons]
    faults += [f"{one}: has a test, and a line that says that it has none" for one in sorted(shown & reasons.keys())]
    return faults + [f"{one}: the line gives no reason" for one, reason in sorted(reasons.items()) if not reason.strip()]


def tests_of(pattern: str) -> str:
    return "\n".join(path.read_text() for path in sorted(FOLDER.glob(pattern)))


def report(faults: list, whose: str, count: int) -> int:
    print("\n".join(faults) or f"{whose} requirements: all {count} are accounted for")
    return 1 if faults else 0


def lines_of(name: str) -> str:
    return (FOLDER / name).read_text()
