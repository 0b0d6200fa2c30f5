#!/usr/bin/env python3
"""packages.txt: known groups, each name once in a group, and every name that ./test needs is a package that Debian has and that is installed here."""
import re
import shutil
import subprocess
import sys

import source_tree

GROUPS = ["build", "run", "test", "bench", "tools"]
NEEDED = ["build", "run", "test"]


def parse(text: str) -> tuple:
    """Group to names, and faults."""
    groups, faults, group = {}, [], None
    for number, line in enumerate(text.splitlines(), 1):
        heading = re.fullmatch(r"# group: (\w+)", line)
        if heading:
            group = heading.group(1)
            if group not in GROUPS or group in groups:
                faults.append(f"line {number}: group {group} is unknown or stands twice")
            groups[group] = []
        elif line and not line.startswith("#"):
            if not re.fullmatch(r"[a-z0-9][a-z0-9.+-]+", line):
                faults.append(f"line {number}: not a package name: {line}")
            elif group is None or line in groups[group]:
                faults.append(f"line {number}: {line} stands in no group, or twice in one")
            else:
                groups[group].append(line)
    return groups, faults


def is_installed(name: str) -> bool:
    if name == "npm" and shutil.which("npm"):  # where Node.js came from elsewhere it brought npm with it
        return True
    if name == "kubernetes-client" and shutil.which("kubectl"):  # one that is no Debian package serves as well
        return True
    answer = subprocess.run(["dpkg-query", "-W", "-f=${db:Status-Status}", name], capture_output=True, text=True, check=False)
    return answer.stdout == "installed"


def main() -> int:
    groups, faults = parse((source_tree.ROOT / "packages.txt").read_text(encoding="ascii"))
    if shutil.which("dpkg-query"):
        for group in NEEDED:
            faults += [f"{name} (group {group}) is not installed" for name in groups.get(group, []) if not is_installed(name)]
    print("\n".join(faults) or f"packages: {sum(map(len, groups.values()))} in {len(groups)} groups")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
