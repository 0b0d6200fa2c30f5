"""Raw data to rows: what was measured, its ratio, the goal, and whether it is met."""
import statistics

from .rounds import ratio, spread

LIMIT, GATE = "empty responder", "Portcullis"
LOGGING = "Portcullis, decision log"
PEERS = ["HAProxy jwt_verify", "Go golang-jwt", "libjwt"]


def rates(results, name, key="rate"):
    return [one[key] for one in results[name]]


def compared(results, ours, other):
    """The ratio of two rates, and the note beside it: the extremes of a round, and the same ratio by processor time, which strangers on the core cannot move."""
    value = ratio(rates(results, ours), rates(results, other))
    low, high = spread(rates(results, ours), rates(results, other))
    by_cpu = ratio(rates(results, ours, "rate_of_cpu"), rates(results, other, "rate_of_cpu"))
    return value, f"{low:.2f} to {high:.2f}; {by_cpu:.2f} by processor time"


def row(group, what, value, goal=None, met=None, note=""):
    return {"group": group, "what": what, "value": value, "goal": goal, "met": met, "note": note}


def speed_row(group, results, other, label, goal=None, ours=GATE):
    """Our rate over another's."""
    value, note = compared(results, ours, other)
    return row(group, label, f"{value:.2f}", f"≥ {goal}" if goal else None, value >= goal if goal else None, note)


def warm_rows(results):
    yield speed_row("warm, RS256", results, LIMIT, "of the empty responder", 0.75)
    if LOGGING in results:
        yield speed_row("warm, RS256", results, LIMIT, "of the empty responder, with the decision log", 0.75, LOGGING)
        yield speed_row("warm, RS256", results, GATE, "of ours without the decision log", None, LOGGING)
    for peer in PEERS:
        yield speed_row("warm, RS256", results, peer, f"times {peer}", 1)


def cold_rows(results):
    for algorithm, one in results.items():
        group = f"cold, {'EdDSA' if algorithm == 'eddsa' else algorithm.upper()}"
        yield speed_row(group, one, "openssl speed", "of `openssl speed`", 0.7)
        for peer in PEERS:
            if peer in one:
                yield speed_row(group, one, peer, f"times {peer}", 1)


def nginx_rows(results):
    value, note = compared(results, "nginx and Portcullis", "nginx and the empty responder")
    yield row("through nginx", "of nginx and the empty responder", f"{value:.2f}", "≥ 0.9", value >= 0.9, note.partition(";")[0])


def flood_rows(rounds):
    calm = statistics.median(one["calm"]["p99_us"] for one in rounds)
    flooded = statistics.median(one["flooded"]["p99_us"] for one in rounds)
    lost = sum(one[kind]["sent"] - one[kind]["answered"] for one in rounds for kind in ("calm", "flooded"))
    wrong = sum(count for one in rounds for kind in ("calm", "flooded") for status, count in one[kind]["statuses"].items() if status != "200")
    unsent = sum(one["flooded"]["due"] - one["flooded"]["sent"] for one in rounds)
    refused = statistics.median(one["forged"]["answered"] / max(1, one["forged"]["due"]) for one in rounds)
    yield row("forged-token flood", "p99 of valid cached tokens", f"{flooded / 1000:.1f} ms", "≤ 5 ms", flooded <= 5000, f"{flooded / calm:.0f} times the calm p99")
    yield row("forged-token flood", "valid requests lost, refused or never sent", str(lost + wrong + unsent), "0", lost + wrong + unsent == 0,
              f"{refused:.0%} of the forged were answered")


def issuers_rows(rounds):
    """The worst of both kinds of token; a difference of two runs, so the median over the rounds of the difference inside one."""
    for stream, label in (("issuer", "p99 of the third issuer's tokens"), ("traditional", "p99 of traditional tokens")):
        more = statistics.median(one["beside"][stream]["p99_us"] - one["alone"][stream]["p99_us"] for one in rounds)
        alone, beside = (statistics.median(one[name][stream]["p99_us"] for one in rounds) for name in ("alone", "beside"))
        yield row("two dead issuers", f"{label}, against none dead", f"{more / 1000:+.2f} ms", "≤ 1 ms", more <= 1000,
                  f"{beside / 1000:.2f} ms and {alone / 1000:.2f} ms")
    answers = [one[name][stream] for one in rounds for name in ("alone", "beside") for stream in ("issuer", "traditional")]
    lost = sum(one["sent"] - one["answered"] + sum(count for status, count in one["statuses"].items() if status != "200") for one in answers)
    yield row("two dead issuers", "requests lost or refused", str(lost), "0", lost == 0)


def mapping_rows(results):
    value, note = compared(results, "ten expressions", "no mapping")
    yield row("warm, OIDC", "with a claim mapping of ten expressions, of without", f"{value:.2f}", "≥ 0.95", value >= 0.95, note)


def start_rows(results):
    middle = {name: {key: statistics.median(one[key] for one in values) for key in ("ready_ms", "resident_kib")} for name, values in results.items()}
    ours, peers = middle[GATE], {name: values for name, values in middle.items() if name in PEERS}
    times = ", ".join(f"{ours['ready_ms'] / values['ready_ms']:.2f} of {name}" for name, values in peers.items())
    sizes = ", ".join(f"{ours['resident_kib'] / values['resident_kib']:.2f} of {name}" for name, values in peers.items())
    yield row("start", "start to ready", f"{ours['ready_ms']:.0f} ms", "≤ 50 ms", ours["ready_ms"] <= 50, times)
    yield row("memory", "idle, resident", f"{ours['resident_kib'] / 1024:.1f} MiB", "≤ 15 MiB", ours["resident_kib"] <= 15 * 1024, sizes)


def memory_rows(result):
    each = result["grown_kib"] / max(1, result["tokens"])
    yield row("memory", "one cached token", f"{each:.2f} KiB", "≤ 1.5 KiB", each <= 1.5, f"{result['tokens']} tokens")


def micro_rows(times):
    for name in sorted(times):
        kind, _, algorithm = name.partition("/")
        if kind == "check_signature":
            value = times[f"plain_evp/{algorithm}"] / times[name]
            whole = times[f"plain_evp/{algorithm}"] / times[f"verify_token/{algorithm}"]
            yield row("verifier alone", f"{algorithm}, of plain EVP", f"{whole:.2f}", "≥ 0.85", whole >= 0.85, f"signature alone {value:.2f}")
    if "find_key/10" in times and "find_key/100000" in times:
        value = times["find_key/100000"] / times["find_key/10"]
        yield row("keys", "look-up among 100,000, times that among 10", f"{value:.1f}", None, None, f"{times['find_key/100000']:.0f} ns among 100,000")
    for kind in ("P256", "RSA2048", "Ed25519"):
        if f"load_secret/{kind}/10000" in times:
            seconds = times[f"load_secret/{kind}/10000"] / 1e9
            yield row("keys", f"load of 10,000 {kind} keys", f"{seconds:.2f} s", "≤ 1 s", seconds <= 1,
                      f"{seconds / (times['plain_evp/RS256'] / 1e9) / 10000:.1f} RS256 checks a key")
    for name in sorted(name for name in times if name.startswith("cel_peer/")):
        sample = name.partition("/")[2]
        value = times[name] / times[f"cel_evaluate/{sample}"]
        yield row("CEL", f"{sample}, times as fast as @marcbachmann/cel-js", f"{value:.1f}", "≥ 5", value >= 5, f"{times[f'cel_evaluate/{sample}']:.0f} ns")
    for name, label in (("parse_text", "splitting and decoding a token"), ("read_payload", "its payload to claims"), ("cache_hit/1000", "a hit in the token cache"), ("route/manifest", "the route"), ("access_claim_pull", "the access claim"), ("policy_decide_hot/100000", "policies, of 100,000 patterns"),
                        ("answer_warm", "the whole warm answer")):
        if name in times:
            yield row("one request", f"{label}, of one RS256 check", f"{times[name] / times['plain_evp/RS256']:.3f}", None, None, f"{times[name]:.0f} ns")


MAKERS = {"warm": warm_rows, "cold": cold_rows, "nginx": nginx_rows, "flood": flood_rows, "issuers": issuers_rows, "mapping": mapping_rows, "start": start_rows, "memory": memory_rows, "micro": micro_rows}


def rows(figures):
    return [one for name, make in MAKERS.items() if name in figures for one in make(figures[name])]


def busy_notes(figures):
    """Servers that were not busy all the time: there the load generator was the limit, and the server could do more."""
    for name, results in [("warm", figures.get("warm", {}))] + [(f"cold {key}", value) for key, value in figures.get("cold", {}).items()]:
        for server, values in results.items():
            busy = statistics.median(one.get("busy", 1) for one in values)
            if busy < 0.93:
                yield f"{name}: {server} was busy {busy:.0%} of the time only: the load generator, or another process on its core, was the limit"


def table(lines):
    """The rows as text for a terminal."""
    cells = [["figure", "", "measured", "goal", "", "in this run"]]
    for one in lines:
        cells.append([one["group"], one["what"], one["value"], one["goal"] or "", {True: "met", False: "MISSED", None: ""}[one["met"]], one["note"]])
    widths = [max(len(line[i]) for line in cells) for i in range(6)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in cells)


def markdown(lines):
    """The rows as a table for docs/performance.md."""
    out = ["| figure | | measured | goal | in that run |", "| --- | --- | --- | --- | --- |"]
    for one in lines:
        goal = (one["goal"] or "") + {True: "", False: " (missed)", None: ""}[one["met"]]
        out.append(f"| {one['group']} | {one['what']} | **{one['value']}** | {goal} | {one['note']} |")
    return "\n".join(out)
