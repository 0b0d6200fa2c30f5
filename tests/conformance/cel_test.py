#!/usr/bin/env python3
"""CEL's own conformance suite (npm: @bufbuild/cel-spec), through portcullis-probe.

Everything runs that needs no protobuf message of the suite's own, and no library that zot's environment lacks. Where we answer otherwise, cel_deviations.txt names the
case and the reason; a case that stands there and passes is a fault too, so that the list stays true.

usage: cel_test.py PROBE [--report]
"""
import collections
import json
import math
import os
import pathlib
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "e2e"))
from node_packages import install  # noqa: E402

DEVIATIONS = HERE / "cel_deviations.txt"
# Files of the suite that ask for what the language of Portcullis leaves out, as zot's does.
LEFT_OUT = {
    "proto2": "protobuf messages", "proto2_ext": "protobuf extensions", "proto3": "protobuf messages", "enums": "protobuf enums",
    "bindings_ext": "the library cel.bind", "block_ext": "the library cel.block", "math_ext": "the library math", "macros2": "macros with two variables",
    "network_ext": "the library of networks", "lists_ext": "the library lists", "regex_ext": "the library regex",
}
MESSAGES = re.compile(r"TestAllTypes|NestedTestAllTypes|cel\.expr\.|proto\.")
PRIMITIVES = {"BOOL": "bool", "INT64": "int", "UINT64": "uint", "DOUBLE": "double", "STRING": "string", "BYTES": "bytes"}
KNOWN = {"TIMESTAMP": "google.protobuf.Timestamp", "DURATION": "google.protobuf.Duration", "ANY": "dyn"}


def not_applicable(case: dict) -> str:
    """Why a case cannot be asked of us; empty where it can."""
    if case["file"] in LEFT_OUT:
        return LEFT_OUT[case["file"]]
    if MESSAGES.search(case["expr"]) or MESSAGES.search(json.dumps(case.get("bindings", {})) + json.dumps(case.get("typeEnv", []))):
        return "protobuf messages"
    if case.get("container"):
        return "a container: an expression of ours stands in none"
    if any("function" in declared for declared in case.get("typeEnv", [])):
        return "functions that the case declares"
    if "google.protobuf.Any" in case["expr"] or "google.protobuf.Any" in json.dumps(case.get("typeEnv", [])):
        return "protobuf messages"
    return ""


def type_text(kind: dict) -> str:
    """A cel.expr.Type as CEL writes it."""
    if "primitive" in kind:
        return PRIMITIVES[kind["primitive"]]
    if "wellKnown" in kind:
        return KNOWN[kind["wellKnown"]]
    if "wrapper" in kind:
        return f"wrapper({PRIMITIVES[kind['wrapper']]})"
    if "listType" in kind:
        return f"list({type_text(kind['listType']['elemType'])})"
    if "mapType" in kind:
        return f"map({type_text(kind['mapType']['keyType'])}, {type_text(kind['mapType']['valueType'])})"
    if "abstractType" in kind:
        return f"{kind['abstractType']['name']}({', '.join(map(type_text, kind['abstractType']['parameterTypes']))})"
    if "null" in kind:
        return "null"
    return kind.get("messageType", "dyn")


def number(value) -> float:
    return float({"Infinity": "inf", "-Infinity": "-inf"}.get(value, value))


def same_double(left, right) -> bool:
    a, b = number(left), number(right)
    return (math.isnan(a) and math.isnan(b)) or a == b


def same(expected: dict, found: dict) -> bool:
    """Whether two cel.expr.Value are the same; entries of a map have no order."""
    if "objectValue" in expected and isinstance(expected["objectValue"].get("value"), (list, dict)):
        return False
    if len(expected) != 1 or set(expected) != set(found):
        return False
    (kind, left), right = next(iter(expected.items())), found[next(iter(expected))]
    if kind == "doubleValue":
        return same_double(left, right)
    if kind == "listValue":
        lefts, rights = left.get("values", []), right.get("values", [])
        return len(lefts) == len(rights) and all(map(same, lefts, rights))
    if kind == "mapValue":
        lefts, rights = left.get("entries", []), right.get("entries", [])
        return len(lefts) == len(rights) and all(any(same(a["key"], b["key"]) and same(a["value"], b["value"]) for b in rights) for a in lefts)
    return left == right


def question(case: dict) -> dict:
    types = {declared["name"]: declared["ident"]["type"] for declared in case.get("typeEnv", [])}
    # A NUL in JSON is refused by our reader.
    source = {"expr_hex": case["expr"].encode().hex()} if "\0" in case["expr"] else {"expr": case["expr"]}
    return {"op": "cel", **source, "bindings": case.get("bindings", {}), "types": types, "check": not case.get("disableCheck", False),
            "homogeneous": False}


def fault(case: dict, answer: dict) -> str:
    """What is wrong with an answer; empty where it is right."""
    if "evalError" in case or "anyEvalErrors" in case:
        return "" if answer["reason"] == "eval_error" else f"wants an error of evaluation, got {answer}"
    typed = case.get("typedResult", {})
    if "deducedType" in typed and answer.get("type") != type_text(typed["deducedType"]):
        return f"wants the type {type_text(typed['deducedType'])}, got {answer}"
    if case.get("checkOnly"):
        return ""
    if not answer["ok"]:
        return f"refused: {answer['reason']}: {answer.get('detail')}"
    expected = typed.get("result") or case.get("value") or {"boolValue": True}
    return "" if same(expected, answer["value"]) else f"wants {json.dumps(expected)}, got {json.dumps(answer['value'])}"


def read_deviations() -> dict:
    """`file/section/name: reason`, one a line; `#` begins a comment."""
    lines = [line for line in DEVIATIONS.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    return dict(line.split(": ", 1) for line in lines)


def read_cases(packages: pathlib.Path) -> list:
    made = subprocess.run(["node", HERE / "cel_cases.js"], env={**os.environ, "NPM_FOLDER": str(packages)}, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in made.stdout.splitlines()]


def judge(cases: list, answers: list) -> tuple:
    """Counts by file, and the faults."""
    deviations, seen = read_deviations(), set()
    counts, faults = collections.defaultdict(collections.Counter), []
    for case, answer in zip(cases, answers, strict=True):
        name = f"{case['file']}/{case['section']}/{case['name']}"
        wrong = fault(case, answer)
        if name in deviations:
            seen.add(name)
            if not wrong:
                faults.append(f"{name}: stands in {DEVIATIONS.name}, and passes: take it out")
        elif wrong:
            faults.append(f"{name}: {case['expr']}\n    {wrong}")
        counts[case["file"]]["deviates" if name in deviations else "failed" if wrong else "passed"] += 1
    faults += [f"{name}: stands in {DEVIATIONS.name}, and is no case that runs" for name in deviations.keys() - seen]
    return counts, faults


def main() -> int:
    assert shutil.which("node"), "node is needed: see packages.txt"
    every = read_cases(install())
    cases = [case for case in every if not not_applicable(case)]
    lines = "".join(json.dumps(question(case)) + "\n" for case in cases)
    asked = subprocess.run([sys.argv[1]], input=lines, capture_output=True, text=True, check=True)
    counts, faults = judge(cases, [json.loads(line) for line in asked.stdout.splitlines()])
    for case in every:
        if not_applicable(case):
            counts[case["file"]]["left out"] += 1
    for file, count in sorted(counts.items()):
        print(f"{file:16}", ", ".join(f"{amount} {what}" for what, amount in sorted(count.items())))
    total = sum(counts.values(), collections.Counter())
    print(f"{'all':16}", ", ".join(f"{amount} {what}" for what, amount in sorted(total.items())))
    print("\n".join(faults))
    return 1 if faults or total["passed"] == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
