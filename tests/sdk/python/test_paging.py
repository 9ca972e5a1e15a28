"""Lists come in pages, as the SDKs expect them. Bundles stand for all lists."""

from urllib.parse import parse_qsl, urlsplit

import pytest

import samples
from refusals import assert_refused
from service import V2


@pytest.fixture(scope="module")
def seven(client):
    """Seven bundles, as lists order them."""
    return [samples.bundle(client, f"number {number}").sid for number in range(7)][::-1]


@pytest.fixture(scope="module")
def bundles(compliance):
    return compliance.bundles


def sids(page):
    return [found.sid for found in page]


def test_a_stream_follows_the_pages(bundles, seven):
    for page_size in (1, 2, 3, 7, 8):
        assert sids(bundles.stream(page_size=page_size)) == seven
    assert sids(bundles.stream(page_size=2, limit=5)) == seven[:5]
    assert sids(bundles.list()) == seven


def test_a_limit_above_the_largest_page_is_lowered_to_it(bundles, http, seven):
    """SDKs send the limit as the page size."""
    assert sids(bundles.list(limit=5000)) == seven
    assert http.get(f"{V2}/Bundles?PageSize=5000").json()["meta"]["page_size"] == 1000


def test_pages_lead_forwards_and_back(bundles, seven):
    first = bundles.page(page_size=3)
    assert first.previous_page_url is None
    second = bundles.get_page(first.next_page_url)
    third = second.next_page()
    assert third.next_page_url is None and third.next_page() is None

    back = third.previous_page()
    again = bundles.get_page(back.previous_page_url)
    assert [sids(page) for page in (first, second, third, back, again)] == [
        seven[:3],
        seven[3:6],
        seven[6:],
        seven[3:6],
        seven[:3],
    ]
    assert again.previous_page_url is None


def test_the_addresses_of_pages_are_complete(http, service, seven):
    filters = {"Status": "draft", "EndUserType": "business", "IsoCountry": "DE", "SortDirection": "DESC"}
    meta = http.get(f"{V2}/Bundles", params=filters | {"PageSize": "2"}).json()["meta"]
    assert set(meta) == {
        "page",
        "page_size",
        "first_page_url",
        "previous_page_url",
        "url",
        "next_page_url",
        "key",
    }
    assert (meta["page"], meta["page_size"], meta["key"], meta["previous_page_url"]) == (0, 2, "results", None)
    assert meta["first_page_url"] == meta["url"]

    for key in ("url", "next_page_url"):
        parts = urlsplit(meta[key])
        assert f"{parts.scheme}://{parts.netloc}" == service.url
        assert parts.path == f"{V2}/Bundles"
        assert dict(parse_qsl(parts.query)).items() >= (filters | {"PageSize": "2"}).items()
    names = [name for name, _ in parse_qsl(urlsplit(meta["next_page_url"]).query)]
    assert names[-3:] == ["PageSize", "Page", "PageToken"], "filters come before"

    following = http.get(meta["next_page_url"].removeprefix(service.url)).json()
    assert [found["sid"] for found in following["results"]] == seven[2:4]
    assert following["meta"]["page"] == 1


def test_inequalities_are_echoed_encoded(http):
    meta = http.get(f"{V2}/Bundles", params={"ValidUntilDate<": "2022-11-29T23:59:59Z"}).json()["meta"]
    assert "ValidUntilDate%3C=2022-11-29T23%3A59%3A59Z" in meta["url"]


def test_parameters_that_are_no_filters_are_not_echoed(http):
    meta = http.get(f"{V2}/Bundles?Whatever=1&PageSize=2").json()["meta"]
    assert "Whatever" not in meta["url"]


def test_a_page_number_alone_counts(bundles, seven):
    assert sids(bundles.page(page_size=3, page_number=1)) == seven[3:6]
    assert sids(bundles.page(page_size=3, page_number=9)) == []


def test_a_token_goes_on_where_it_was_even_when_things_change(empty):
    """What is new comes first and does not move the pages behind it."""
    made = [samples.bundle(empty).sid for _ in range(4)][::-1]
    bundles = empty.numbers.v2.regulatory_compliance.bundles
    first = bundles.page(page_size=2)
    samples.bundle(empty)
    bundles(made[1]).delete()
    assert sids(bundles.get_page(first.next_page_url)) == made[2:]


def test_a_token_is_passed_on_by_itself(bundles, seven):
    query = dict(parse_qsl(urlsplit(bundles.page(page_size=2).next_page_url).query))
    assert query["PageToken"].startswith("PA")
    assert sids(bundles.page(page_token=query["PageToken"], page_number=1, page_size=3)) == seven[2:5]


@pytest.mark.parametrize("token", ["PA", "PAnonsense", "1", "%00", "PA" + "A" * 200])
def test_tokens_that_nobody_made(http, token):
    assert_refused(http.get(f"{V2}/Bundles?PageToken={token}"), 400, 21481 if token != "%00" else 20001)


def test_a_token_belongs_to_its_list(bundles, http, seven):
    token = dict(parse_qsl(urlsplit(bundles.page(page_size=2).next_page_url).query))["PageToken"]
    for path in ("EndUsers", "SupportingDocuments", "Regulations", "Bundles?SortBy=date-updated"):
        separator = "&" if "?" in path else "?"
        assert_refused(http.get(f"{V2}/{path}{separator}PageToken={token}"), 400, 21481)


@pytest.mark.parametrize("size", ["0", "-1", "many", "1.5", "0x10"])
def test_sizes_that_make_no_sense(http, size):
    assert_refused(http.get(f"{V2}/Bundles", params={"PageSize": size}), 400, 20001, "PageSize")


@pytest.mark.parametrize("number", ["-1", "second"])
def test_numbers_that_make_no_sense(http, number):
    assert_refused(http.get(f"{V2}/Bundles", params={"Page": number}), 400, 20001, "Page")
