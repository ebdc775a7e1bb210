"""What looks like a secret is found and taken out."""

import pytest

from mas_helpers.bench.secrets import SecretFilter, credentials_in, redact, secrets_in

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


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (
            "AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "a secret in a variable",
        ),
        ('export DB_PASSWORD="hunter2hunter2"', "a secret in a variable"),
        ("postgres://admin:s3cr3t@db.example/x", "a password in an address"),
        ("https://a.blob/x?sv=1&sig=" + "aB3%2F" * 6, "a signature in an address"),
        ("https://s3/x?X-Amz-Signature=" + "0a" * 32, "a signature in an address"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2ln", "a JSON Web Token"),
        ("X-Api-Key: abc123def456ghi", "a key in a header"),
        ("sk_" + "live_" + "a1" * 12, "a Stripe key"),
        ("npm_" + "a1" * 18, "an npm token"),
        ("AccountKey=" + "aB3/" * 10 + "==", "a key of an Azure account"),
    ],
)
def test_other_secrets_are_found_by_their_kind(text, kind):
    (found,) = SecretFilter().find({"body": {"system": f"Use {text} here."}}, ())
    assert found == f"body.system: {kind}"
    assert text not in redact(f"Use {text} here.")


@pytest.mark.parametrize(
    "text",
    [
        "Set ANTHROPIC_API_KEY=<your key> or API_KEY=$KEY first.",
        "http://127.0.0.1:8000/v1/messages?beta=true",
        "The password: a word that nobody tells. TOKEN = token_of(request)",
        "postgres://localhost:5432/db and user@example.com",
        "https://x/?signature=short&code=200",
        "max_tokens: 4000, secretary: 12345678901234",
    ],
)
def test_what_is_none_is_left_alone(text):
    assert redact(text) == text


def test_a_secret_is_found_wherever_it_stands_and_taken_out_there():
    key = "a-credential-in-use"
    value = {"body": {"tools": [{"name": f"x {key}"}], key: 1, "n": 2}, "path": "/v1"}
    found = SecretFilter().find(value, {key})
    assert [place.partition(": ")[0] for place in found] == ["body.tools[0].name", "body.(a name)"]
    clean = SecretFilter().taken_out(value, {key})
    assert key not in str(clean) and clean["body"]["n"] == 2


def test_credentials_are_those_of_the_request_and_of_the_environment(monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of-the-environment")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "placeholder")  # too short to be one, and a word
    headers = [("Authorization", "Bearer of-this-request"), ("user-agent", "a-browser-of-ours")]
    assert credentials_in(headers) >= {"of-this-request", "of-the-environment"}
    assert not {"placeholder", "a-browser-of-ours"} & credentials_in(headers)
