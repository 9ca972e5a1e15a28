"""The kinds of end users and supporting documents."""

import pytest

from refusals import refused
from service import V2


@pytest.fixture(params=["end_user_types", "supporting_document_types"])
def types(request, compliance):
    return getattr(compliance, request.param)


def test_the_list_names_every_type_once(types):
    every = types.list()
    names = [found.machine_name for found in every]
    assert len(set(names)) == len(names)
    assert all(found.sid.startswith("OY") for found in every)
    assert [found.friendly_name for found in every] == sorted(found.friendly_name for found in every)


def test_a_type_answers_to_its_sid_and_to_its_name(types):
    for found in types.list():
        by_sid, by_name = types(found.sid).fetch(), types(found.machine_name).fetch()
        assert by_sid.machine_name == by_name.machine_name == found.machine_name
        assert by_sid.sid == by_name.sid == found.sid
        assert by_sid.fields == by_name.fields == found.fields
        assert by_sid.url == by_name.url == found.url


def test_fields_say_whether_they_take_one_value_or_several(types):
    constraints = {
        (field["machine_name"], field["constraint"]) for found in types.list() for field in found.fields
    }
    assert {constraint for _, constraint in constraints} <= {"String", "List"}
    assert all((constraint == "List") == (name == "address_sids") for name, constraint in constraints)


def test_the_kinds_that_everybody_uses(compliance):
    end_user_types = {found.machine_name for found in compliance.end_user_types.list()}
    assert end_user_types == {"individual", "business"}
    document_types = {found.machine_name for found in compliance.supporting_document_types.list()}
    assert document_types >= {"passport", "utility_bill", "commercial_registrar_excerpt", "business_address"}


def test_pages(types):
    every = [found.sid for found in types.list()]
    assert [found.sid for found in types.stream(page_size=1)] == every
    page = types.page(page_size=1)
    assert [found.sid for found in types.get_page(page.next_page_url)] == every[1:2]


def test_links_in_regulations_lead_to_types(compliance, http, service):
    [regulation] = compliance.regulations.list(iso_country="DE", number_type="local", end_user_type="business")
    [end_user] = regulation.requirements["end_user"]
    answer = http.get(end_user["url"].removeprefix(service.url)).json()
    assert answer["machine_name"] == "business"
    assert set(end_user["fields"]) <= {field["machine_name"] for field in answer["fields"]}


def test_unknown_types_are_not_found(types):
    for unknown in ("OY" + "0" * 32, "nothing", "passport "):
        with refused(404, 20404):
            types(unknown).fetch()


def test_the_two_lists_are_two(compliance):
    with refused(404, 20404, f"{V2}/EndUserTypes/passport"):
        compliance.end_user_types("passport").fetch()
    with refused(404, 20404):
        compliance.supporting_document_types("business").fetch()
