"""What the program brings along: its licences, its list of components, its known faults."""

from importlib.metadata import Distribution

import pytest

from tests.audit import answered
from tests.brought import LICENCES, brought, foreign, licences
from tests.sbom import completed, lacking

BOM = {
    "bomFormat": "CycloneDX",
    "metadata": {"tools": {}},
    "components": [
        {
            "name": "intake",
            "version": "1.0",
            "type": "library",
            "licenses": [{"license": {"id": "Apache-2.0"}}],
            "externalReferences": [
                {"type": "distribution", "url": "file:///home/somebody/intake.whl"},
                {"type": "website", "url": "https://intake.example"},
            ],
        },
        {"name": "Plain_Part", "version": "2.0", "type": "library"},
        {"name": "sqlcipher3", "version": "3.0", "type": "library"},
    ],
}


def installed(name, license_=None, sha256=None):
    hashes = {"sha256": sha256} if sha256 else {}
    metadata = {"name": name, **({"license": license_} if license_ else {})}
    return {"metadata": metadata, "download_info": {"archive_info": {"hashes": hashes}}}


REPORT = {
    "install": [
        installed("intake", sha256="1" * 64),
        installed("plain-part", "MIT", "2" * 64),
        installed("sqlcipher3", sha256="3" * 64),
    ]
}


class _Package(Distribution):
    """A package that is told of, and not installed."""

    def __init__(self, metadata):
        self._text = metadata

    def read_text(self, filename):
        return self._text if filename == "METADATA" else None

    def locate_file(self, path):
        return path


def test_what_is_brought_is_what_runs_and_no_tool_of_ours():
    found = brought()

    assert {"flask", "sqlcipher3", "werkzeug", "cffi"} <= set(found)
    assert not {"pytest", "ruff", "mypy", "playwright"} & set(found)


def test_every_package_comes_under_a_licence_that_asks_for_nothing():
    assert foreign() == []


@pytest.mark.parametrize(
    ("metadata", "is_known"),
    [
        ("Name: a\nLicense-Expression: Apache-2.0 OR BSD-3-Clause\n", True),
        ("Name: a\nLicense: MIT\n", True),
        ("Name: a\nClassifier: License :: OSI Approved :: BSD License\n", True),
        ("Name: a\nLicense-Expression: AGPL-3.0-only\n", False),
        ("Name: a\nClassifier: Topic :: MIT\n", False),
        ("Name: a\n", False),
    ],
)
def test_a_licence_is_read_wherever_a_package_says_it(metadata, is_known):
    told = licences(_Package(metadata))

    assert any(LICENCES.search(one) for one in told) == is_known


def test_every_component_has_its_version_licence_and_hash():
    bom = completed(BOM, REPORT)

    assert lacking(bom) == []
    assert [one["hashes"][0]["content"][0] for one in bom["components"]] == ["2", "3"]
    assert bom["components"][0]["licenses"] == [{"license": {"name": "MIT"}}]


def test_what_a_list_of_components_lacks_is_named():
    bom = completed(BOM, {"install": [installed(one["name"]) for one in BOM["components"]]})

    assert lacking(bom) == [
        "Plain_Part has no licenses",
        "Plain_Part has no hashes",
        "sqlcipher3 has no hashes",
    ]


def test_the_program_is_the_root_of_the_list_and_no_path_of_the_builder_is_in_it():
    bom = completed(BOM, REPORT)

    assert bom["metadata"]["component"]["name"] == "intake"
    assert bom["metadata"]["component"]["type"] == "application"
    assert "file:" not in str(bom)
    assert "https://intake.example" in str(bom)


def test_a_package_that_nobody_knows_is_not_taken_for_one_without_faults():
    told = '{"dependencies": [{"name": "a", "skip_reason": "not found"}]}'

    assert answered(told) == (0, [])


def test_a_known_fault_is_named_with_what_mends_it():
    told = (
        '{"dependencies": [{"name": "a", "version": "1", "vulns": ['
        '{"id": "X-1", "fix_versions": ["2"]}, {"id": "X-2", "fix_versions": []}]},'
        ' {"name": "b", "version": "1", "vulns": []}]}'
    )

    known, faults = answered(told)

    assert known == 2
    assert faults == ["a 1: X-1, mended in 2", "a 1: X-2, not mended yet"]
