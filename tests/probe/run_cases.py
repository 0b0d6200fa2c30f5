#!/usr/bin/env python3
"""Runs cases.jsonl through portcullis-probe. Keys and tokens are made for each run.

usage: run_cases.py PROBE PORTCULLIS CASES

A line of the file is one of
  {"let": NAME, "value": …}           a value that later lines use
  {"let": NAME, "mint": [ARGUMENT…]}  a token, minted with these arguments
  {"case": SENTENCE, "in": {…}, "out": {…}}   "out" names the members that are compared; "raw" in place of "in" is a line as it is
"${NAME}" as a whole string stands for the value NAME, "${keys}" for the keys file, and "${jwks}" for the same keys as a JWKS.
"""
import json
import pathlib
import subprocess
import sys
import tempfile


def run(arguments, **options):
    return subprocess.run(arguments, check=True, capture_output=True, text=True, **options).stdout


def fill(value, names):
    """`value` with every "${NAME}" replaced."""
    if isinstance(value, str) and value.startswith("${") and value.endswith("}"):
        return names[value[2:-1]]
    if isinstance(value, dict):
        return {key: fill(member, names) for key, member in value.items()}
    if isinstance(value, list):
        return [fill(element, names) for element in value]
    if isinstance(value, str):
        for name, known in names.items():
            if isinstance(known, str):
                value = value.replace("${%s}" % name, known)
    return value


def read_cases(path, portcullis, folder):
    names = {}
    key, keys = folder / "key.pem", folder / "keys.json"
    run([portcullis, "key", "generate", "--id", "k1", "--private", key, "--keys", keys])
    names["keys"] = json.loads(keys.read_text())
    config = folder / "config.json"
    config.write_text(json.dumps({"http": {"auth": {"bearer": {"realm": "https://a/", "service": "s"}}}, "portcullis": {
        "listen": ["127.0.0.1:0"], "proxy": {"trusted": ["127.0.0.1/32"]}, "keys": {"file": str(keys)}, "tokens": {"issuers": ["any"], "audiences": ["any"]}}}))
    names["jwks"] = json.loads(run([portcullis, "keys", config, "--json"]))["jwks"]
    cases = []
    for line in path.read_text().splitlines():
        entry = json.loads(line)
        if "mint" in entry:
            names[entry["let"]] = run([portcullis, "token", "mint", "--key", key, "--id", "k1", *entry["mint"]]).strip()
        elif "let" in entry:
            names[entry["let"]] = fill(entry["value"], names)
        else:
            question = entry["raw"] if "raw" in entry else json.dumps({"id": len(cases), **fill(entry["in"], names)})
            cases.append((entry["case"], question, {"id": None if "raw" in entry else len(cases), **fill(entry["out"], names)}))
    return cases


def main():
    probe, portcullis, path = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
    with tempfile.TemporaryDirectory() as folder:
        cases = read_cases(path, portcullis, pathlib.Path(folder))
    answers = run([probe], input="".join(question + "\n" for _, question, _ in cases)).splitlines()
    if len(answers) != len(cases):
        sys.exit(f"{len(cases)} questions, {len(answers)} answers")
    failed = 0
    for (case, _, expected), line in zip(cases, answers):
        answer = json.loads(line)
        wrong = {name: answer.get(name) for name, value in expected.items() if answer.get(name) != value}
        if wrong:
            failed += 1
            print(f"FAILED: {case}\n  expected {({name: expected[name] for name in wrong})}\n  found    {wrong}\n  whole    {line}")
    print(f"{len(cases) - failed} of {len(cases)} cases passed")
    return 1 if failed or not cases else 0


if __name__ == "__main__":
    sys.exit(main())
