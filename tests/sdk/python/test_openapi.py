"""The OpenAPI documents of the service are OpenAPI 3.1."""

from openapi_spec_validator import OpenAPIV31SpecValidator
import requests


def test_every_document_is_valid(service):
    documents = requests.get(f"{service.url}/openapi", timeout=30).json()["documents"]
    assert {document["name"] for document in documents} == {
        "regulatory-compliance",
        "api-2010",
        "operator",
        "rehearsal",
    }
    for document in documents:
        described = requests.get(service.url + document["url"], timeout=30).json()
        OpenAPIV31SpecValidator(described).validate()
