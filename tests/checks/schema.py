#!/usr/bin/env python3
"""config.schema.json gives the same verdicts as the loader: tests/config/schema_test.cc asks the loader about the same cases.

usage: schema.py SOURCE_DIR
"""
import json
import pathlib
import sys

import jsonschema


def verdicts(validator, folder, good):
    """Faults of the schema's verdicts on the cases of `folder`; an empty folder is one."""
    cases = sorted(folder.glob("*.json"))
    if not cases:
        yield f"{folder}: no cases"
    for case in cases:
        errors = [error.message for error in validator.iter_errors(json.loads(case.read_text()))]
        if good and errors:
            yield f"{case}: refused: {errors[0]}"
        if not good and not errors:
            yield f"{case}: accepted"


def main():
    source = pathlib.Path(sys.argv[1])
    schema = json.loads((source / "config/config.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    cases = source / "tests/config/cases"
    faults = list(verdicts(validator, cases / "valid", True))
    faults += verdicts(validator, cases / "invalid", False)
    # Rules between settings are beyond a schema: it must not refuse these, or they belong to invalid/.
    faults += verdicts(validator, cases / "loader_only", True)
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
