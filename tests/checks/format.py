#!/usr/bin/env python3
"""Every C++ file is as clang-format 14 writes it. `tests/checks/format.py --fix` rewrites those that are not."""
import shutil
import subprocess
import sys

import source_tree


def main(arguments: list) -> int:
    program = shutil.which("clang-format-14") or shutil.which("clang-format")
    if program is None:
        print("clang-format is not installed; see packages.txt")
        return 1
    names = [str(path) for path in source_tree.files() if path.suffix in {".cc", ".h"}]
    mode = ["-i"] if arguments == ["--fix"] else ["--dry-run", "-Werror", "--ferror-limit=1"]
    return subprocess.run([program, *mode, *names], cwd=source_tree.ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
