"""Regulations: what countries ask for."""

import pytest

import samples
from refusals import assert_refused, refused
from service import V2

# Identifiers that programs out there have in their code.
WELL_KNOWN = {
    ("DE", "local", "business"): samples.GERMANY_LOCAL_BUSINESS,
    ("GB", "mobile", "individual"): "RNbda16e54b024fc1d8a0213f5477dc624",
    ("GB", "mobile", "business"): "RNb257214105d3b9526d5f80359b863452",
    ("GB", "local", "individual"): "RNcfd9478b5eb087f3a8cb785ffb9cf1a1",
    ("GB", "local", "business"): "RN61b6f858c1a0b46ae2631346138a283c",
}


@pytest.fixture(scope="module")
def regulations(compliance):
    return compliance.regulations


def test_a_regulation_says_what_is_asked_and_which_documents_prove_it(regulations):
    regulation = regulations(samples.GERMANY_LOCAL_BUSINESS).fetch()
    assert (regulation.iso_country, regulation.number_type, regulation.end_user_type) == ("DE", "local", "business")
    assert regulation.url.endswith(f"{V2}/Regulations/{samples.GERMANY_LOCAL_BUSINESS}")

    [end_user] = regulation.requirements["end_user"]
    assert end_user["fields"] == [field["machine_name"] for field in end_user["detailed_fields"]]
    assert end_user["url"].endswith(f"{V2}/EndUserTypes/business")

    [requirements] = regulation.requirements["supporting_document"]
    assert len(requirements) == 3
    for requirement in requirements:
        assert requirement["type"] == "document"
        for accepted in requirement["accepted_documents"]:
            assert accepted["url"].endswith(f"{V2}/SupportingDocumentTypes/{accepted['type']}")
            assert accepted["fields"] == [field["machine_name"] for field in accepted["detailed_fields"]]


def constraints(node):
    """Every constraint in a regulation, at whatever depth."""
    if isinstance(node, dict):
        found = [node["constraint"]] if "constraint" in node else []
        return found + [each for value in node.values() for each in constraints(value)]
    return [each for value in node for each in constraints(value)] if isinstance(node, list) else []


def test_constraints_are_written_out_on_request(regulations):
    plain = regulations(samples.GERMANY_LOCAL_BUSINESS).fetch()
    assert set(constraints(plain.requirements)) == {None}

    rules = constraints(regulations(samples.GERMANY_LOCAL_BUSINESS).fetch(include_constraints=True).requirements)
    for rule in (
        "business != null",
        "business['business_name'] != null",
        r"business['email'] =~ '^\S+@\S+\.\S+$'",
        "",  # the comments, which are optional
        "business != null && commercial_registrar_excerpt != null",
        "commercial_registrar_excerpt['business_name'] != null"
        " && commercial_registrar_excerpt['business_name'] == business['business_name']",
        "commercial_registrar_excerpt['address_sids'] != null",
    ):
        assert rule in rules


def test_the_list_has_every_country_and_is_sorted_by_name(regulations):
    every = regulations.list()
    assert len({regulation.sid for regulation in every}) == len(every)
    assert len({regulation.iso_country for regulation in every}) > 100
    names = [regulation.friendly_name for regulation in every]
    assert names == sorted(names)


def test_well_known_identifiers_are_the_same_here(regulations):
    for (country, number_type, end_user_type), sid in WELL_KNOWN.items():
        found = regulations.list(iso_country=country, number_type=number_type, end_user_type=end_user_type)
        assert [regulation.sid for regulation in found] == [sid]


def test_filters_narrow_the_list(regulations):
    german = regulations.list(iso_country="DE")
    assert {regulation.iso_country for regulation in german} == {"DE"}
    assert {regulation.number_type for regulation in german} == {"local", "mobile", "national", "toll-free"}
    assert {regulation.number_type for regulation in regulations.list(number_type="mobile")} == {"mobile"}
    assert {regulation.end_user_type for regulation in regulations.list(end_user_type="individual")} == {"individual"}


def test_filters_are_read_in_any_case_and_toll_free_in_any_spelling(regulations):
    assert len(regulations.list(iso_country="de", end_user_type="BUSINESS", number_type="Local")) == 1
    for spelling in ("toll-free", "tollfree", "toll_free", "Toll Free"):
        [found] = regulations.list(iso_country="DE", end_user_type="business", number_type=spelling)
        assert found.number_type == "toll-free"


def test_the_list_writes_constraints_out_as_well(regulations):
    [regulation] = regulations.list(
        iso_country="DE", number_type="local", end_user_type="business", include_constraints=True
    )
    assert "business != null" in constraints(regulation.requirements)


def test_a_country_without_rules_has_no_regulation(regulations):
    assert regulations.list(iso_country="US") == []


def test_a_combination_that_is_not_offered_has_no_regulation(regulations):
    assert regulations.list(iso_country="DE", number_type="local", end_user_type="individual") == []


def test_unknown_types_are_refused(regulations):
    with refused(400, 22212):
        regulations.list(end_user_type="company")
    with refused(400, 22213):
        regulations.list(number_type="landline")


def test_a_switch_is_true_or_false(http):
    response = http.get(f"{V2}/Regulations", params={"IncludeConstraints": "yes"})
    assert_refused(response, 400, 20001, "IncludeConstraints")


def test_pages_of_two(regulations):
    every = [regulation.sid for regulation in regulations.list(iso_country="DE")]
    assert [regulation.sid for regulation in regulations.stream(iso_country="DE", page_size=2)] == every

    page = regulations.page(iso_country="DE", page_size=2)
    following = regulations.get_page(page.next_page_url)
    assert [regulation.sid for regulation in following] == every[2:4]


def test_unknown_regulations_are_not_found(regulations):
    with refused(404, 20404, f"{V2}/Regulations/RN{samples.NOBODY}"):
        regulations(f"RN{samples.NOBODY}").fetch()
    with refused(404, 20404):
        regulations("germany").fetch()
