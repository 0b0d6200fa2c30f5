"""Builds what the bench needs, and mints keys and tokens: once, then kept in bench/results/."""
import json
import os
import pathlib
import shutil
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
RESULTS = ROOT / "bench" / "results"
NEEDED = {"wrk": "wrk", "haproxy": "haproxy", "nginx": "nginx", "openssl": "openssl", "taskset": "util-linux", "cmake": "cmake", "go": "golang-go", "node": "nodejs", "npm": "npm"}


def missing_programs():
    """Debian packages of the programs that are not there."""
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])
    return sorted({package for program, package in NEEDED.items() if shutil.which(program, path=path) is None})


def build(folder, targets):
    """Configures with the preset `bench` and builds `targets`. What the compiler says is shown only if it fails."""
    for command in (["cmake", "--preset", "bench", "-B", str(folder)],
                    ["cmake", "--build", str(folder), "--target", *targets, "-j", str(os.cpu_count() or 1)]):
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        if done.returncode != 0:
            raise SystemExit(f"{done.stdout[-8000:]}\nfailed: {' '.join(command)}")


def mint(program, counts, forged):
    """The folder with keys and at least so many tokens: `counts` and `forged` map a key id to a number. Minted anew after a week, as tokens live a month."""
    folder = RESULTS / "tokens"
    stamp = folder / "minted.json"
    wanted = {**counts, **{f"forged:{key_id}": count for key_id, count in forged.items()}}
    if stamp.exists():
        known = json.loads(stamp.read_text())
        if time.time() - known["at"] < 7 * 86400 and all(known["counts"].get(name, 0) >= count for name, count in wanted.items()):
            return folder
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run([str(program), str(folder), *(f"{name}={count}" for name, count in wanted.items())], check=True, timeout=1800)
    stamp.write_text(json.dumps({"at": time.time(), "counts": wanted}))
    return folder
