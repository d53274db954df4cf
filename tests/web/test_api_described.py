"""The description of the API is true: what it says is asked, and what it does not say as well."""

import json

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi import checks as spec

from intake.core.clients import ROLE_MEANS, ClientRole
from intake.web.api_description import description

ASKED = settings(
    max_examples=25,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def described(app):
    return description(app)


def operations(described):
    return [one for item in described["paths"].values() for one in item.values()]


def test_every_view_of_the_api_is_described(app, described):
    views = {
        rule.endpoint.partition(".")[2]
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("api.")
    }

    named = [one["operationId"] for one in operations(described)]
    assert sorted(named) == sorted(views - {"openapi"})


def test_the_description_is_served_to_whoever_has_a_token(system, described):
    answer = system(ClientRole.SCHEDULER).get("/openapi.json")

    assert answer.content_type == "application/json"
    assert answer.json == json.loads(json.dumps(described))


def test_each_operation_says_for_whose_token_it_is(described):
    words = [one["description"].rsplit("\n\n", 1)[1] for one in operations(described)]

    assert set(words) <= {"For a reader's token.", "For a scheduler's token.", "For any token."}


CHECKS = [
    schemathesis.checks.not_a_server_error,
    spec.status_code_conformance,
    spec.content_type_conformance,
    spec.response_headers_conformance,
    spec.response_schema_conformance,
    spec.negative_data_rejection,
    spec.positive_data_acceptance,
    spec.unsupported_method,
]


@pytest.fixture
def ask(app, system, ids):
    """Send operations what may be sent, or what may not, and hold the answers to their words."""
    tokens = {role.value: system(role).headers for role in ROLE_MEANS}

    def ask(described, mode, which=lambda _: True):
        schema = load(described, app)
        for operation in filter(which, operations(described)):
            found = schema.find_operation_by_id(operation["operationId"])
            role = operation["description"].rsplit("For a ", 1)[1].partition("'")[0]
            checks = [
                check
                for check in CHECKS
                if check is not spec.positive_data_acceptance
                or operation["operationId"] not in ASKS_THE_CLINIC
            ]
            send(found.as_strategy(generation_mode=mode), tokens[role], checks)

    def send(cases, headers, checks):
        @ASKED
        @given(cases)
        def each(case):
            if "response_id" in case.path_parameters:
                case.path_parameters["response_id"] = ids["stop"]
            case.call_and_validate(
                headers={**headers, "Accept-Encoding": "identity"}, checks=checks
            )

        each()

    return ask


ASKS_THE_CLINIC = ("begin_intake",)
"""What no schema can say all of: days, names, and the codes of the pack in force."""


def load(described, app):
    schema = schemathesis.openapi.from_dict(described)
    schema.app = app
    return schema


def takes_something(operation):
    asks = any(one["in"] == "query" for one in operation.get("parameters", []))
    return asks or "requestBody" in operation


def test_what_may_be_sent_is_answered_as_the_description_says(described, ask):
    ask(described, GenerationMode.POSITIVE)


def test_what_may_not_be_sent_is_refused_as_the_description_says(described, ask):
    ask(described, GenerationMode.NEGATIVE, takes_something)


def test_an_answer_that_is_not_as_described_is_seen(described, ask):
    described["components"]["schemas"]["Case"]["required"].append("mood")

    with pytest.raises(FailureGroup):
        ask(described, GenerationMode.POSITIVE)
