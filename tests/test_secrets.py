"""What looks like a secret is found and taken out."""

import pytest

from mas_helpers.bench.secrets import redact, secrets_in

KEYS = ["AKIA" + "ABCD" * 4, "ASIA" + "ABCD" * 4]  # an AWS key, and a temporary one


@pytest.mark.parametrize("key", KEYS)
def test_an_aws_key_is_found_and_taken_out(key, tmp_path):
    path = tmp_path / "notes.md"
    path.write_text(f"Two lines.\nThe key {key} is here.", encoding="utf-8")
    (finding,) = secrets_in(path)
    assert "notes.md, line 2: looks like an AWS key." in finding and key not in finding
    assert redact(f"with {key}, as") == "with [secret], as"


def test_a_word_that_only_begins_as_one_stays():
    assert redact("ASIA is a continent, AKIA" + "A" * 17) == "ASIA is a continent, AKIA" + "A" * 17
