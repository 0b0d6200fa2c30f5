"""node_modules as package-lock.json says, for tests that drive programs of Node.js."""
import fcntl
import os
import pathlib
import shutil

from processes import run

ROOT = pathlib.Path(__file__).resolve().parents[2]
PACKAGES = ("package.json", "package-lock.json")
FOLDER = pathlib.Path(os.environ.get("PORTCULLIS_NPM_FOLDER", ROOT / "build/npm")).resolve()


def install() -> pathlib.Path:
    """The folder with node_modules as package-lock.json says: installed once, then kept until the lock file changes, so that the network is not needed again."""
    assert shutil.which("node") and shutil.which("npm"), "node and npm are needed: see packages.txt"
    FOLDER.mkdir(parents=True, exist_ok=True)
    with open(FOLDER / ".lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = FOLDER / "node_modules/.portcullis-lock.json"
        if not done.exists() or done.read_bytes() != (ROOT / "package-lock.json").read_bytes():
            for name in PACKAGES:
                shutil.copy(ROOT / name, FOLDER)
            made = run(["npm", "ci", "--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund"], FOLDER)
            assert made.returncode == 0, f"npm ci failed\n{made.stdout}{made.stderr}"
            shutil.copy(ROOT / "package-lock.json", done)
    return FOLDER
