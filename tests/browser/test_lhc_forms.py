"""LHC-Forms and Medplum, with which others fill in forms, open ours and ask what we ask."""

import random
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from intake.core.reading import case_of, read_all
from intake.core.truth import Truth
from intake.exports.fhir.form import one_language, questionnaire
from intake.exports.fhir.naming import answered_version
from intake.exports.fhir.response import answers_in
from intake.web.languages import said_in
from tests.answering import some_answers
from tests.conftest import TODAY
from tests.judges import asked_by_medplum, require_fetched

SETS, CHANCES = 60, (7, 8, 9, 10)
"""How many sets of answers each chance draws, which are judged by its model."""
DRAWN = 7
"""Whose first set is judged on the page as well, which takes as long as the model of all."""

PAGE = """<!doctype html><meta charset="utf-8"><title>LHC-Forms</title>
<link rel="stylesheet" href="/webcomponent/styles.css"><div id="form"></div>
<script src="/webcomponent/assets/lib/zone.min.js"></script>
<script src="/webcomponent/runtime.js"></script><script src="/webcomponent/polyfills.js"></script>
<script src="/webcomponent/main.js"></script><script src="/fhir/R4/lformsFHIR.min.js"></script>"""
TAKE = "(form) => { window.ours = form; }"
SHOWN = """(response) => {
  const blank = LForms.Util.convertFHIRQuestionnaireToLForms(window.ours, 'R4');
  const filled = LForms.Util.mergeFHIRDataIntoLForms(response, blank, 'R4');
  const isShown = (item) => !item || (
    item._skipLogicStatus !== 'target-disabled' && isShown(item._parentItem));
  return new LForms.LFormsData(filled).itemList.filter(isShown).map((item) => item.linkId);
}"""
DRAW = """async (response) => {
  const blank = LForms.Util.convertFHIRQuestionnaireToLForms(window.ours, 'R4');
  const filled = LForms.Util.mergeFHIRDataIntoLForms(response, blank, 'R4');
  await LForms.Util.addFormToPage(filled, 'form', {prepopulate: false});
  const drawn = [...document.querySelectorAll('[id^="label-"]')].filter((one) => one.offsetParent);
  return drawn.map((one) => one.id.replace(/^label-/, '').replace(/(\\/\\d+)+$/, ''));
}"""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_args):
        pass

    def do_GET(self):
        if self.path != "/":
            super().do_GET()
            return
        self.send_response(200)
        self.end_headers()
        self.wfile.write(PAGE.encode())


@pytest.fixture(scope="module")
def address():
    folder = require_fetched() / "node_modules" / "lforms" / "dist" / "lforms"
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture
def lhc_forms(chromium, address):
    context = chromium.new_context(viewport={"width": 1180, "height": 820})
    page = context.new_page()
    page.goto(address)
    page.wait_for_function("Boolean(window.LForms?.FHIR?.R4)", timeout=30_000)
    yield page
    context.close()


@pytest.fixture(scope="module")
def form(shipped_pack):
    return questionnaire(shipped_pack, said_in)


@pytest.mark.parametrize("chance", CHANCES)
def test_a_form_asks_what_ours_asks_whatever_was_answered(lhc_forms, form, shipped_pack, chance):
    lhc_forms.evaluate(TAKE, form)
    drawn = {0} if chance == DRAWN else set()
    chance, differ = random.Random(chance), {}  # noqa: S311 - the same sets each time
    for n in range(SETS):
        answers, plan = some_answers(shipped_pack, chance)
        case = case_of(shipped_pack, read_all(shipped_pack, answers, plan, TODAY).answers, TODAY)
        response = response_of(shipped_pack, form, case)
        ours = {k for k in shipped_pack.items if case.asked(k) is not Truth.NOT_MET}
        for script in (SHOWN, DRAW) if n in drawn else (SHOWN,):
            theirs = set(lhc_forms.evaluate(script, response)) & shipped_pack.items.keys()
            if theirs != ours:
                differ[n] = sorted(theirs ^ ours)

    assert differ == {}


@pytest.mark.parametrize("chance", CHANCES)
def test_medplum_asks_what_ours_asks_whatever_was_answered(form, shipped_pack, chance):
    chance, ours, said = random.Random(chance), {}, {}  # noqa: S311 - the same sets each time
    for n in range(SETS):
        answers, plan = some_answers(shipped_pack, chance)
        case = case_of(shipped_pack, read_all(shipped_pack, answers, plan, TODAY).answers, TODAY)
        said[str(n)] = response_of(shipped_pack, form, case)
        ours[str(n)] = {k for k in shipped_pack.items if case.asked(k) is not Truth.NOT_MET}

    theirs = asked_by_medplum(form, said)

    found = {n: set(asked) & shipped_pack.items.keys() for n, asked in theirs.items()}
    differ = {
        n: (sorted(ours[n] - found[n]), sorted(found[n] - ours[n]))
        for n in ours
        if found[n] != ours[n]
    }
    assert differ == {}


def response_of(pack, form, case):
    return {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": answered_version(pack),
        "status": "completed",
        "authored": "2026-06-15T09:30:00Z",
        "item": answers_in(form, pack, case),
    }


@pytest.mark.parametrize("language", ["en", "es", "ar"])
def test_a_copy_is_opened_in_its_language(lhc_forms, shipped_pack, language):
    copy = one_language(shipped_pack, said_in, language)

    lhc_forms.evaluate(
        "(form) => LForms.Util.addFormToPage(form, 'form', {prepopulate: false})", copy
    )

    words = lhc_forms.inner_text("#form")
    first = copy["item"][0]["text"]
    assert first in words
    assert said_in(language, "I'd rather tell my practitioner") in words


def test_what_was_answered_comes_back_as_it_went_in(lhc_forms, form, shipped_pack):
    base = shipped_pack.base
    case = case_of(
        shipped_pack, read_all(shipped_pack, base.answers, base.plan, base.on).answers, base.on
    )
    response = response_of(shipped_pack, form, case)
    lhc_forms.evaluate(TAKE, form)
    lhc_forms.evaluate(DRAW, response)

    back = lhc_forms.evaluate("LForms.Util.getFormFHIRData('QuestionnaireResponse', 'R4')")

    assert codes_in(back) == codes_in(response)


def codes_in(response):
    found = {}
    for item in response.get("item", ()):
        found |= codes_in(item)
        for answer in item.get("answer", ()):
            if code := answer.get("valueCoding", {}).get("code"):
                found.setdefault(item["linkId"], set()).add(code)
    return found
