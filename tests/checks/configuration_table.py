#!/usr/bin/env python3
"""Prints the table of docs/configuration.md from config/config.schema.json.

usage: configuration_table.py SOURCE_DIR [--check | --write]

--check fails where the table of the document is not the schema's; --write puts it there; neither prints it.
"""
import json
import pathlib
import sys

BEGIN = "<!-- table: printed from config/config.schema.json by tests/checks/configuration_table.py -->"
END = "<!-- end of table -->"
HEAD = ["| key | type | default | reloadable | meaning |", "| --- | --- | --- | --- | --- |"]


class Table:
    def __init__(self, schema):
        self.schema = schema
        self.rows = []

    def resolve(self, node):
        ref = node.get("$ref")
        return {**self.schema["$defs"][ref.rsplit("/", 1)[1]], **node} if ref else node

    def type_of(self, node):
        ref = node.get("$ref", "").rsplit("/", 1)[-1]
        if ref in ("duration", "path"):
            return ref
        node = self.resolve(node)
        if "anyOf" in node:
            kinds = [self.type_of(kind) for kind in node["anyOf"]]
            lists = [kind for kind in kinds if kind.startswith("list of")]
            return lists[0] if lists else " or ".join(kinds)
        if "enum" in node:
            return ", ".join(f"`{word}`" for word in node["enum"])
        if node.get("type") == "array":
            return "list of " + {"string": "strings", "object": "objects"}.get(self.resolve(node["items"]).get("type"), "words")
        return {"string": "string", "integer": "whole number", "boolean": "boolean", "object": "object", "null": "null"}.get(node.get("type"), "anything")

    def add(self, path, node, inherited):
        node = self.resolve(node)
        if node.get("x-unused"):
            return
        reloadable = "no" if node.get("x-reloadable") is False else "yes"
        meaning = node["description"]
        if "minimum" in node:
            meaning += f" {node['minimum']} to {node['maximum']}."
        available = node.get("x-available", inherited)
        if "x-available" in node:
            meaning += {"error": " **Refused in this version.**", "warning": " **Accepted with a warning and not used in this version.**"}[available]
        default = f"`{json.dumps(node['default'])}`" if "default" in node else ""
        leaf = not self.children(path, node)
        if leaf or "x-available" in node:
            cells = [f"`{path}`", self.type_of(node), default, "—" if available else reloadable, meaning]
            self.rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
        for child_path, child in self.children(path, node):
            self.add(child_path, child, available)

    def children(self, path, node):
        found = [(f"{path}.{name}" if path else name, child) for name, child in node.get("properties", {}).items()]
        for kind in node.get("anyOf", []):
            items = self.resolve(self.resolve(kind).get("items", {}))
            found += [(f"{path}[].{name}", child) for name, child in items.get("properties", {}).items()]
        if isinstance(node.get("additionalProperties"), dict):
            found += self.children(f"{path}.*", self.resolve(node["additionalProperties"]))
        return found

    def text(self):
        for path, child in self.children("", self.schema):
            self.add(path, child, None)
        return "\n".join([BEGIN, *HEAD, *self.rows, END])


def main():
    source = pathlib.Path(sys.argv[1])
    mode = sys.argv[2] if len(sys.argv) > 2 else ""
    table = Table(json.loads((source / "config/config.schema.json").read_text())).text()
    if not mode:
        print(table)
        return 0
    document = source / "docs/configuration.md"
    text = document.read_text()
    start, end = text.index(BEGIN), text.index(END) + len(END)
    if mode == "--write":
        document.write_text(text[:start] + table + text[end:])
        return 0
    if text[start:end] != table:
        print("docs/configuration.md: the table is not the schema's; run tests/checks/configuration_table.py . --write", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
