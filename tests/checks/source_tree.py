"""The files of the project, for the checks of the source: what git tracks, or everything outside build folders where there is no git."""
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
CODE = {".cc", ".h", ".py", ".sh", ".cmake"}
SKIPPED = {"build", ".git", "node_modules", ".cache", "__pycache__"}


def files() -> list:
    """Paths relative to the root, of files that exist."""
    listed = subprocess.run(["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"], capture_output=True, check=False)
    if listed.returncode == 0:
        names = [name for name in listed.stdout.decode().split("\0") if name]
    else:
        names = [str(path.relative_to(ROOT)) for path in ROOT.rglob("*") if not SKIPPED.intersection(path.relative_to(ROOT).parts)]
    return sorted(pathlib.PurePosixPath(name) for name in names if (ROOT / name).is_file())


def is_script(path: pathlib.PurePosixPath) -> bool:
    """A file without an ending that starts with `#!`."""
    if path.suffix:
        return False
    with open(ROOT / path, "rb") as file:
        return file.read(2) == b"#!"
