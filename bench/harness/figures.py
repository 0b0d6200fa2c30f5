"""What is measured. Each function returns plain data for the JSON file; `report` makes sentences and ratios of it."""
import itertools
import json
import os
import statistics
import subprocess
import sys
import time

from . import issuers, load
from .build import ROOT
from .rounds import interleave
from .servers import metric

COLD_ALGORITHMS = ["rs256", "es256", "eddsa"]
SMALL_CACHE = 1000  # the least that the configuration takes
FLOOD_RATE = 5000
VALID_RATE = 2000
ISSUER_TOKENS = 50


class Bench:
    """One run: its makers of servers, its plan, and the folder of tokens."""

    def __init__(self, makers, plan, progress, programs):
        self.makers, self.plan, self.progress, self.programs = makers, plan, progress, programs
        self.tokens = makers.tokens

    def token(self, key_id):
        with open(self.tokens / f"{key_id}.tokens", encoding="ascii") as file:
            return file.readline().strip()

    def warm(self):
        """One RS256 token again and again over 32 keep-alive connections."""
        make = self.makers
        servers = [make.empty(), make.portcullis(), make.portcullis(decision_log=True), make.haproxy("rs256"), make.golang(), make.libjwt("rs256")]
        arguments = [self.tokens / "rs256.tokens"]
        return interleave(servers, self.plan.rounds, lambda server, _: load.wrk(server, "warm", self.plan.seconds, arguments), self.progress, "warm",
                          self.token("rs256"))

    def cold(self):
        """Every request a token that the server has not seen: the daemon's cache holds far fewer tokens than pass before one comes again."""
        return {algorithm: self.cold_one(algorithm) for algorithm in COLD_ALGORITHMS}

    def cold_one(self, algorithm):
        make = self.makers
        gate = make.portcullis(cached_tokens=SMALL_CACHE)
        servers = [make.empty(), gate, make.golang()]
        if algorithm in ("rs256", "es256"):
            servers += [make.haproxy(algorithm), make.libjwt(algorithm)]
        speeds, sent = [], {}

        def measure(server, _):
            if server is servers[0]:
                speed = load.openssl_speed(algorithm, self.plan.seconds)
                speeds.append({"rate": speed, "rate_of_cpu": speed})  # it counts its own processor time
            # Each round goes on where the last one stopped, so that no token comes again before all others have.
            result = load.wrk(server, "cold", self.plan.seconds, [self.tokens / f"{algorithm}.tokens", sent.get(server.name, 0)])
            sent[server.name] = sent.get(server.name, 0) + result["requests"] + load.CONNECTIONS
            if server is gate:
                result["misses"] = metric(gate, "portcullis_tokens_verified_total")
            return result

        results = interleave(servers, self.plan.rounds, measure, self.progress, f"cold {algorithm}", self.token(algorithm))
        verified, asked = results["Portcullis"][-1]["misses"], sum(one["requests"] for one in results["Portcullis"])
        if verified < 0.98 * asked:
            raise SystemExit(f"cold: {asked} requests, but only {verified:.0f} tokens were verified; the rest came from the cache")
        return {"openssl speed": speeds, **results}

    def nginx(self):
        """The gate behind nginx, beside the empty responder behind an nginx of its own. nginx and the gate share core 0."""
        make = self.makers
        token, path = self.token("rs256"), "/v2/team/app/manifests/latest"
        with make.empty() as empty, make.portcullis() as gate:
            empty.wait_ready(token)
            gate.wait_ready(token)
            fronts = [make.nginx(empty.port), make.nginx(gate.port)]
            fronts[0].name, fronts[1].name = "nginx and the empty responder", "nginx and Portcullis"
            return interleave(fronts, self.plan.rounds, lambda server, _: load.wrk(server, "warm", self.plan.seconds, [self.tokens / "rs256.tokens"], path),
                              self.progress, "nginx", token, path)

    def flood(self):
        """Valid cached tokens at a steady rate: alone, and while forged ES384 tokens come in beside them. One request thread."""
        valid = self.tokens / "flood.tokens"
        with open(self.tokens / "rs256.tokens", encoding="ascii") as file:
            valid.write_text("".join(itertools.islice(file, 100)))
        calm = ("valid", VALID_RATE, 16, valid)
        forged = ("forged", FLOOD_RATE, 64, self.tokens / "es384.forged")
        rounds = []
        with self.makers.portcullis() as gate:
            gate.wait_ready(self.token("rs256"))
            load.paced(self.programs["paced"], gate.port, 1, [calm])
            for _ in range(self.plan.rounds):
                self.progress.step("flood: calm")
                alone = load.paced(self.programs["paced"], gate.port, self.plan.seconds, [calm])
                self.progress.step("flood: 5,000 forged a second")
                together = load.paced(self.programs["paced"], gate.port, self.plan.seconds, [calm, forged])
                rounds.append({"calm": alone["valid"], "flooded": together["valid"], "forged": together["forged"]})
                time.sleep(0.2)
        return rounds

    def issuers(self):
        """Tokens of an OIDC issuer and traditional ones at a steady rate: where it is the only issuer, and beside two that are dead. Both gates run all the time."""
        folder = self.makers.scratch / "issuers"
        traditional = self.tokens / "issuers.tokens"
        with open(self.tokens / "rs256.tokens", encoding="ascii") as file:
            traditional.write_text("".join(itertools.islice(file, ISSUER_TOKENS)))
        rounds = []
        with issuers.Provider(self.programs["portcullis"], folder) as good, issuers.Dead() as silent, issuers.Dead(drip=True) as slow:
            own = good.issuer.tokens(folder / "own.tokens", ISSUER_TOKENS)
            streams = [("issuer", VALID_RATE, 16, own), ("traditional", VALID_RATE, 16, traditional)]
            alone = self.makers.portcullis(oidc=[issuers.entry(good.issuer.url)])
            beside = self.makers.portcullis(oidc=[issuers.entry(one) for one in (silent.url, slow.url, good.issuer.url)])
            with alone, beside:
                for gate in (alone, beside):
                    gate.wait_ready(self.token("rs256"))
                    gate.wait_ready(own.read_text().splitlines()[0])
                    load.paced(self.programs["paced"], gate.port, 1, streams)
                for _ in range(self.plan.rounds):
                    one = {}
                    for name, gate in (("alone", alone), ("beside", beside)):
                        self.progress.step(f"issuers: {name}")
                        one[name] = load.paced(self.programs["paced"], gate.port, self.plan.seconds, streams)
                    rounds.append(one)
        return rounds

    def mapping(self):
        """One OIDC token again and again: with the default user name, and with a claim mapping of ten expressions."""
        issuer = issuers.Issuer(self.programs["portcullis"], self.makers.scratch / "mapping", "https://issuer.example")
        token = issuer.tokens(self.makers.scratch / "mapping" / "one.tokens", 1)
        entry = issuers.entry(issuer.url, jwksFile=str(issuer.jwks_file))
        servers = [self.makers.portcullis(oidc=[entry], name="no mapping"),
                   self.makers.portcullis(oidc=[{**entry, "claimMapping": issuers.MAPPING}], name="ten expressions")]
        return interleave(servers, self.plan.rounds, lambda server, _: load.wrk(server, "warm", self.plan.seconds, [token]), self.progress, "mapping",
                          token.read_text().strip())

    def start(self):
        """Start to the first 200, and resident memory at rest just after it."""
        results = {}
        for _ in range(self.plan.starts):
            for make in (self.makers.portcullis, lambda: self.makers.haproxy("rs256"), self.makers.golang, lambda: self.makers.libjwt("rs256"), self.makers.empty):
                with make() as server:
                    self.progress.step(f"start: {server.name}")
                    seconds = server.wait_ready(self.token("rs256"))
                    results.setdefault(server.name, []).append({"ready_ms": seconds * 1000, "resident_kib": server.resident_kib()})
        return results

    def memory(self):
        """What a cached token costs: the growth of resident memory, over the tokens that the cache then holds."""
        self.progress.step("memory of cached tokens")
        with self.makers.portcullis() as gate:
            gate.wait_ready(self.token("eddsa"))
            before = gate.resident_kib()
            count = 0
            for _ in range(20):
                load.wrk(gate, "cold", max(1, self.plan.seconds), [self.tokens / "eddsa.tokens", count])
                known = metric(gate, "portcullis_token_cache_entries")
                if known == count or known >= self.plan.distinct["eddsa"]:
                    break
                count = int(known)
            return {"tokens": int(known), "grown_kib": gate.resident_kib() - before}

    def micro(self):
        """Google Benchmark on core 0, repetitions in random order. The median of each, in nanoseconds."""
        self.progress.step("micro-benchmarks")
        done = subprocess.run(["taskset", "-c", "0", str(self.programs["micro"]), "--benchmark_format=json", "--benchmark_enable_random_interleaving=true",
                               f"--benchmark_repetitions={self.plan.repetitions}", f"--benchmark_min_time={self.plan.min_time}"],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=3600, check=False)
        if done.returncode != 0:
            raise SystemExit(f"micro-benchmarks: {done.stderr[-2000:]}")
        times = {}
        for one in json.loads(done.stdout)["benchmarks"]:
            if one.get("error_occurred"):
                raise SystemExit(f"{one['name']}: {one['error_message']}")
            if one["run_type"] == "iteration":
                name = one["run_name"].removesuffix("/min_time:0.010")
                times.setdefault(name, []).append(one["cpu_time"] * {"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9}[one["time_unit"]])
        return {name: statistics.median(values) for name, values in times.items()} | self.cel_peer()

    def cel_peer(self):
        """The expressions of bench/micro/cel_bench.cc on Node.js, in nanoseconds of processor time for one evaluation."""
        sys.path.insert(0, str(ROOT / "tests/e2e"))
        from node_packages import install  # the tests' own node_modules
        done = subprocess.run(["taskset", "-c", "0", "node", str(ROOT / "bench/peers/cel.mjs"), str(ROOT / "bench/micro/cel_expressions.h")],
                              env={**os.environ, "NPM_FOLDER": str(install())}, stdout=subprocess.PIPE, text=True, timeout=600, check=True)
        return {f"cel_peer/{name}": value for name, value in json.loads(done.stdout).items()}
