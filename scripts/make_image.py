#!/usr/bin/env python3
"""Writes a minimal OCI image, an OCI layout with one small layer, into a folder: no network, no container engine.

usage: make_image.py FOLDER [TAG [TEXT]]
"""
import gzip
import hashlib
import io
import json
import os
import sys
import tarfile


def put_blob(folder: str, data: bytes) -> dict:
    """Stores `data` under its digest; returns digest and size as a descriptor holds them."""
    digest = hashlib.sha256(data).hexdigest()
    blobs = os.path.join(folder, "blobs", "sha256")
    os.makedirs(blobs, exist_ok=True)
    with open(os.path.join(blobs, digest), "wb") as file:
        file.write(data)
    return {"digest": "sha256:" + digest, "size": len(data)}


def make_layer(text: bytes) -> bytes:
    """An uncompressed layer with one file. Times and owners are fixed, so that the same text gives the same digest."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        entry = tarfile.TarInfo("hello.txt")
        entry.size = len(text)
        entry.mode = 0o644
        tar.addfile(entry, io.BytesIO(text))
    return buffer.getvalue()


def make_image(folder: str, tag: str = "latest", text: bytes = b"Hello through the gate.\n") -> str:
    """Writes the image as an OCI layout (image-spec 1.0) and returns the digest of its manifest."""
    layer = make_layer(text)
    layer_blob = put_blob(folder, gzip.compress(layer, mtime=0))
    config = {
        "created": "2026-01-01T00:00:00Z",
        "architecture": "amd64",
        "os": "linux",
        "config": {},
        "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(layer).hexdigest()]},
        "history": [{"created": "2026-01-01T00:00:00Z", "created_by": "portcullis make_image"}],
    }
    config_blob = put_blob(folder, json.dumps(config).encode())
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {"mediaType": "application/vnd.oci.image.config.v1+json", **config_blob},
        "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", **layer_blob}],
    }
    manifest_blob = put_blob(folder, json.dumps(manifest).encode())
    index = {
        "schemaVersion": 2,
        "manifests": [
            {
                "mediaType": "application/vnd.oci.image.manifest.v1+json",
                **manifest_blob,
                "annotations": {"org.opencontainers.image.ref.name": tag},
            }
        ],
    }
    with open(os.path.join(folder, "index.json"), "w", encoding="ascii") as file:
        json.dump(index, file)
    with open(os.path.join(folder, "oci-layout"), "w", encoding="ascii") as file:
        json.dump({"imageLayoutVersion": "1.0.0"}, file)
    return manifest_blob["digest"]


def main(arguments: list) -> int:
    if not 1 <= len(arguments) <= 3:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    folder, *rest = arguments
    if len(rest) == 2:
        rest[1] = rest[1].encode()
    print(make_image(folder, *rest))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
