#!/usr/bin/env python3
"""Compares every #include of ours with the edges that add_module() recorded, and C libraries with their rooms.

usage: layering.py SOURCE_DIR LAYERS_FILE
"""
import pathlib
import re
import sys

INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^">]+)[">]', re.MULTILINE)
# A C library lives in the files that stand here, and in no other.
ROOMS = {
    "openssl/": r"^(base/(secret|digest)\.cc|keystore/[^/]+\.(cc|h)|aws/sigv4a?\.cc|verifier/signature\.cc|plugin/cli/private_key\.cc)$",
    "sodium.h": r"^verifier/signature\.cc$",
    "expat.h": r"^aws/xml\.cc$",
    "jansson.h": r"^$",
    "microhttpd.h": r"^plugin/http/[^/]+\.(cc|h)$",
    "prometheus/": r"^base/report/[^/]*metrics[^/]*\.(cc|h)$",
    "CLI/": r"^plugin/(main\.cc|cli/[^/]+\.cc)$",
    "jwt.h": r"^$",
    "re2/": r"^policy/cel/functions/pattern\.cc$",
    "date/": r"^policy/cel/functions/zone\.cc$",
    "curl/": r"^base/io/curl_http\.cc$",
}


def read_layers(path):
    """Folder to module, and module to the modules it may include."""
    folders, edges = {}, {}
    for line in pathlib.Path(path).read_text().splitlines():
        head, deps = line.split(":")
        name, listed = head.split()
        for folder in listed.split(","):
            folders[folder] = name
        edges[name] = {name, *deps.split()}
    return folders, edges


def cycles(edges):
    """Modules that reach themselves."""
    reach = {name: set(deps) - {name} for name, deps in edges.items()}
    for _ in edges:
        for name in reach:
            for dep in list(reach[name]):
                reach[name] |= reach[dep]
    return [name for name, deps in reach.items() if name in deps]


def faults_of(path, text, folders, edges):
    """What `path`, relative to the source folder, includes and may not."""
    module = folders[str(path.parent)]
    for kind, target in INCLUDE.findall(text):
        if kind == '"':
            other = folders.get(str(pathlib.PurePosixPath(target).parent))
            if other is None:
                yield f"{path}: includes \"{target}\", which is in no module"
            elif other not in edges[module]:
                yield f"{path}: {module} may not include {other} (\"{target}\")"
        for library, allowed in ROOMS.items():
            if target.startswith(library) and not re.match(allowed, str(path)):
                yield f"{path}: <{target}> belongs to another room"


def main():
    source, layers = pathlib.Path(sys.argv[1]), sys.argv[2]
    folders, edges = read_layers(layers)
    found = [f"cycle through {name}" for name in cycles(edges)]
    seen = 0
    for folder in folders:
        for path in sorted((source / folder).glob("*.[hc]*")):
            if path.suffix in (".h", ".cc"):
                seen += 1
                found += faults_of(path.relative_to(source), path.read_text(), folders, edges)
    for fault in found:
        print(fault)
    if seen == 0:
        print("no source file was found: wrong folder?")
    print(f"layering: {seen} files, {len(found)} faults")
    return 1 if found or seen == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
