"""The load generators, on core 1: wrk as fast as it goes, and our own at fixed rates."""
import json
import pathlib
import subprocess

LOAD = pathlib.Path(__file__).resolve().parents[1] / "load"
LOAD_CORE = "1"
CONNECTIONS = 32


def wrk(server, script, seconds, arguments, path="/auth"):
    """One run of wrk: requests a second, requests a second of the server's processor time, and how busy it was. Any refused or broken request voids the round."""
    before = server.cpu_seconds()
    done = subprocess.run(["taskset", "-c", LOAD_CORE, "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", str(LOAD / f"{script}.lua"),
                           f"http://127.0.0.1:{server.port}{path}", "--", *map(str, arguments)],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=seconds + 120, check=False)
    busy = server.cpu_seconds() - before
    try:
        result = json.loads(done.stdout.strip().splitlines()[-1])
    except (ValueError, IndexError):
        raise SystemExit(f"wrk against {server.name}: {done.stdout[-2000:]}") from None
    if result["refused"] or result["broken"] or result["requests"] == 0:
        raise SystemExit(f"{server.name}: {result['refused']} refused and {result['broken']} broken of {result['requests']} requests")
    took = result["microseconds"] / 1e6
    return {"rate": result["requests"] / took, "rate_of_cpu": result["requests"] / max(busy, 0.01), "requests": result["requests"], "busy": min(1.0, busy / took),
            "p50_us": result["p50_us"], "p99_us": result["p99_us"]}


def paced(program, port, seconds, streams):
    """Open-loop streams (name, rate, connections, token file), all from one thread; see load/paced.cc."""
    command = ["taskset", "-c", LOAD_CORE, str(program), str(port), str(seconds), *(f"{name}:{rate}:{connections}:{path}" for name, rate, connections, path in streams)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=seconds + 60, check=True)
    return json.loads(done.stdout)


def openssl_speed(algorithm, seconds):
    """Signature checks a second by `openssl speed` on core 0: the limit of a cold answer."""
    name = {"rs256": "rsa2048", "es256": "ecdsap256", "es384": "ecdsap384", "eddsa": "ed25519"}[algorithm]
    done = subprocess.run(["taskset", "-c", "0", "openssl", "speed", "-seconds", str(max(1, seconds)), "-mr", name],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, timeout=seconds * 4 + 60, check=True)
    for line in done.stdout.splitlines():
        if line.startswith(("+F2:", "+F4:", "+F6:")):
            return float(line.rsplit(":", 1)[1])
    raise SystemExit(f"openssl speed said: {done.stdout[-500:]}")
