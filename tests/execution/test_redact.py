"""Secrets are taken out of what drivers say, in every form that they write them."""

from __future__ import annotations

import json
from urllib.parse import quote, quote_plus

import pytest

from dataask_jupyter.execution.redact import SHOWN, Redactor

SECRETS = ["hunter2-canary", "with space & ümlaut/%", 'quote\'s "and" back\\slash', "tab\tand\nnewline", "a.*b(c"]


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("form", [str, quote, quote_plus, repr, json.dumps, lambda text: quote(text, safe="")])
def test_no_form_stays(secret: str, form: object) -> None:
    assert callable(form)
    said = f"refused: pg://ann:{form(secret)}@host/db, again {form(secret)}."
    found = Redactor([secret]).clean({"detail": said, "errors": [{"detail": said}], "status": 502})
    assert secret not in json.dumps(found, ensure_ascii=False)
    assert quote(secret) not in json.dumps(found)
    assert found["detail"].count(SHOWN) == 2
    assert found["status"] == 502


def test_a_short_secret_leaves_words_whole() -> None:
    assert Redactor(["an"]).text("an answer from Ann: 'an'") == f"{SHOWN} answer from Ann: '{SHOWN}'"


def test_lines_of_a_private_key() -> None:
    key = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhki\nG9w0BAQEFAASCBKcwgg\n-----END PRIVATE KEY-----"
    assert Redactor([key]).text("bad line: MIIEvQIBADANBgkqhki") == f"bad line: {SHOWN}"


def test_without_secrets_nothing_changes() -> None:
    assert Redactor(["", ""]).clean(["as it was"]) == ["as it was"]
