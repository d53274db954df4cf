"""Rules and records handed to other systems from the command line."""

import json

import pytest

from tests.cli.conftest import invoke
from tests.exports.fhir.checks import codings, empties

OURS = "https://intake.invalid/fhir/CodeSystem/"


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    out = tmp_path_factory.mktemp("fhir")
    done = invoke(out / "nowhere", "rules", "export", "--fhir", "--out", out)
    assert done.exit_code == 0, done.output
    return {file.stem: json.loads(file.read_text("utf-8")) for file in out.iterdir()}


def test_a_pack_goes_out_as_form_rules_and_codes(written):
    kinds = {name: one["resourceType"] for name, one in written.items()}

    assert kinds["questionnaire"] == "Questionnaire"
    assert kinds["plan-definition"] == "PlanDefinition"
    assert {n for n, kind in kinds.items() if kind == "Questionnaire"} == {
        "questionnaire", "questionnaire.en", "questionnaire.es", "questionnaire.ar",
    }  # fmt: skip
    assert [name for name, one in written.items() if empties(one)] == []


def test_every_code_of_ours_can_be_looked_up(written):
    systems = {one["url"]: one for one in written.values() if one["resourceType"] == "CodeSystem"}
    known = {(url, c["code"]) for url, one in systems.items() for c in one["concept"]}

    used = {
        (c["system"], c["code"])
        for name in ("questionnaire", "plan-definition")
        for c in codings(written[name])
        if c["system"].startswith(OURS)
    }

    assert len(used) > 500
    assert used <= known


def test_the_spanish_copy_asks_in_spanish(written):
    titles = [one["text"] for one in written["questionnaire.es"]["item"]]

    assert titles[0] == "Plan de tratamiento, que rellena el profesional"
    assert titles != [one["text"] for one in written["questionnaire"]["item"]]


def test_a_case_goes_out_as_a_bundle_that_only_its_owner_may_read(demo, response_id, tmp_path):
    out = tmp_path / "case.json"

    done = invoke(demo, "document", response_id, "--fhir", "--out", out)

    assert done.exit_code == 0, done.output
    bundle = json.loads(out.read_text("utf-8"))
    assert (bundle["resourceType"], bundle["type"]) == ("Bundle", "collection")
    assert out.stat().st_mode & 0o777 == 0o600
    again = invoke(demo, "document", response_id, "--fhir-transaction", "--out", out)
    assert again.exit_code != 0
    assert "exists already" in again.output


class TestAResponseOfAnotherSystem:
    """Made of the bundle of a case, as if that had been filled elsewhere."""

    @pytest.fixture
    def response(self, demo, response_id, tmp_path):
        out = tmp_path / "case.json"
        invoke(demo, "document", response_id, "--fhir", "--out", out)
        found = [one["resource"] for one in json.loads(out.read_text("utf-8"))["entry"]]
        return next(one for one in found if one["resourceType"] == "QuestionnaireResponse")

    @pytest.fixture
    def screened(self, demo, tmp_path):
        def act(response):
            file = tmp_path / "response.json"
            file.write_text(json.dumps(response), encoding="utf-8")
            return invoke(demo, "screen", file, "--format", "json")

        return act

    def test_is_screened_like_ours(self, screened, response):
        done = screened(response)

        assert done.exit_code == 0, done.output
        assert json.loads(done.stdout)["triage"] == "stop"

    @pytest.mark.parametrize(
        ("authored", "told"),
        [("2020-02-03T01:30:00+02:00", "2020-02-02 23:30 UTC"), ("2020-02-03", None), (7, None)],
    )
    def test_says_when_it_was_answered(self, demo, tmp_path, screened, response, authored, told):
        response["authored"] = authored

        done = screened(response)
        words = invoke(demo, "screen", tmp_path / "response.json")

        assert json.loads(done.stdout)["answered"] == told
        assert f"Answered: {told or 'nobody knows when'}." in words.stdout

    def test_has_every_problem_named_and_is_at_least_reviewed(self, screened, response):
        response["item"].append({"linkId": "invented"})
        response["status"] = "in-progress"

        done = screened(response)

        assert done.exit_code == 2
        assert "invented: There is no such item" in done.stderr
        assert "status: Only what was finished is read" in done.stderr
        assert json.loads(done.stdout)["triage"] in ("stop", "review")

    def test_to_another_form_says_nothing(self, screened, response):
        response["questionnaire"] = "https://elsewhere.example/Questionnaire/other|1.0"

        done = screened(response)

        assert done.exit_code == 2
        assert "questionnaire: It answers another form or version" in done.stderr
