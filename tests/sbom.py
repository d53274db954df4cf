"""Writes the list of everything a clinic installs (CycloneDX). `make sbom` runs this.

The wheel is installed into an environment of its own, which holds nothing else, and that is
described: what the list says is what a clinic has.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.audit import say
from tests.brought import UNTOLD, key

DIST = Path(__file__).resolve().parent.parent / "dist"


def completed(bom: dict[str, Any], report: dict[str, Any]) -> dict[str, Any]:
    """Return the list with the hash of each file that was installed, and the program as its root.

    Args:
        bom: What cyclonedx-py wrote.
        report: What pip wrote of the installation.
    """
    installed = {key(one["metadata"]["name"]): one for one in report["install"]}
    described = [_described(one, installed[key(one["name"])]) for one in bom["components"]]
    (root,) = [one for one in described if one["name"] == "intake"]
    parts = [one for one in described if one is not root]
    told = {**bom.get("metadata", {}), "component": {**root, "type": "application"}}
    return {**bom, "metadata": told, "components": parts}


def _described(component: dict[str, Any], installed: dict[str, Any]) -> dict[str, Any]:
    """Return a component with its hash and licence, and without where it lay on this computer."""
    links = component.get("externalReferences", [])
    described = {
        **component,
        "externalReferences": [one for one in links if not one["url"].startswith("file:")],
    }
    hashes = installed["download_info"].get("archive_info", {}).get("hashes", {})
    if "sha256" in hashes:
        described["hashes"] = [{"alg": "SHA-256", "content": hashes["sha256"]}]
    told = UNTOLD.get(key(component["name"])) or installed["metadata"].get("license")
    if told and not component.get("licenses"):
        described["licenses"] = [{"license": {"name": told}}]
    return described


def lacking(bom: dict[str, Any]) -> list[str]:
    """Say what the list lacks: a version, a licence or a hash."""
    needed = ("version", "licenses", "hashes")
    return [
        f"{one['name']} has no {what}"
        for one in bom["components"]
        for what in needed
        if not one.get(what)
    ]


def described_installation(wheel: Path, folder: Path) -> dict[str, Any]:
    """Install a wheel into an empty environment and describe that."""
    place, report, out = folder / "installed", folder / "report.json", folder / "bom.json"
    venv.create(place, with_pip=False)
    python = place / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet"]
    elsewhere = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    subprocess.run([*pip, "--report", report, wheel], check=True, env=elsewhere)
    describe = [sys.executable, "-m", "cyclonedx_py", "environment", "--output-reproducible"]
    subprocess.run([*describe, "--output-file", out, python], check=True)
    return completed(json.loads(out.read_text()), json.loads(report.read_text()))


def main() -> int:
    """Write the list beside the wheel; 1 when it is not complete."""
    (wheel,) = DIST.glob("*.whl")
    with TemporaryDirectory() as folder:
        bom = described_installation(wheel, Path(folder))
    name = "-".join(wheel.name.split("-")[:2])
    (DIST / f"{name}.cdx.json").write_text(json.dumps(bom, indent=2) + "\n", encoding="utf-8")
    faults = lacking(bom)
    say(f"dist/{name}.cdx.json: {len(bom['components'])} components", *faults)
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
