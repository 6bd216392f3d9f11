"""A key for each purpose, from one secret that can be changed while everything goes on."""

from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from itsdangerous import BadSignature, URLSafeTimedSerializer

from engine.runtime.settings import load_settings
from engine.runtime.signing import Purpose, SigningKeys, webhook_secret

OLD, NEW = "o" * 40, "n" * 40


def test_each_purpose_has_a_key_of_its_own_that_is_none_of_the_others() -> None:
    keys = SigningKeys([NEW])
    found = [keys.signing(purpose) for purpose in Purpose]
    assert len({*found, NEW}) == len(Purpose) + 1
    assert found == [SigningKeys([NEW, OLD]).signing(purpose) for purpose in Purpose]
    assert not set(found) & {SigningKeys([OLD]).signing(purpose) for purpose in Purpose}


def test_a_key_is_derived_as_rfc_5869_says_and_never_changes() -> None:
    made = HKDF(SHA256(), 32, salt=None, info=b"dx-spiral signing 1\nsession").derive(NEW.encode())
    assert SigningKeys([NEW]).signing(Purpose.SESSION) == made.hex()
    assert SigningKeys(["s" * 40]).signing(Purpose.TOKEN)[:16] == "d1db4321de6bf63c"


@pytest.mark.parametrize("purpose", Purpose)
def test_what_was_signed_before_the_change_is_read_after_it_and_not_without_it(purpose: Purpose) -> None:
    before, after, without = SigningKeys([OLD]), SigningKeys([NEW, OLD]), SigningKeys([NEW])
    assert before.signing(purpose) in after.reading(purpose)
    assert OLD in after.reading(purpose)  # what an earlier release signed
    assert after.reading(purpose)[0] == after.oldest_first(purpose)[-1] == after.signing(purpose)
    assert set(after.oldest_first(purpose)) == set(after.reading(purpose))
    signed = URLSafeTimedSerializer(before.oldest_first(purpose), salt="x").dumps("told")
    assert URLSafeTimedSerializer(after.oldest_first(purpose), salt="x").loads(signed) == "told"
    with pytest.raises(BadSignature):
        URLSafeTimedSerializer(without.oldest_first(purpose), salt="x").loads(signed)


def test_a_webhook_s_secret_stays_and_both_secrets_sign_after_a_change() -> None:
    assert SigningKeys([NEW]).webhook("w", (2,)) == (webhook_secret(NEW, "w", 2),)
    both = SigningKeys([NEW, OLD]).webhook("w", (2, 1))
    assert both == tuple(webhook_secret(secret, "w", number) for secret in (NEW, OLD) for number in (2, 1))


def test_after_a_leak_the_secret_before_opens_only_what_was_sealed(tmp_path: Path) -> None:
    given = {"secret": NEW, "secret_previous": OLD}
    usual = load_settings(tmp_path, **given)
    leaked = load_settings(tmp_path, **given, secret_previous_reads="payloads")
    assert usual.secrets() == leaked.secrets() == (NEW, OLD)
    assert OLD in usual.signing_keys().reading(Purpose.TOKEN)
    assert OLD not in leaked.signing_keys().reading(Purpose.TOKEN)
    forged = jwt.encode({"sub": "p"}, SigningKeys([OLD]).signing(Purpose.TOKEN), algorithm="HS256")
    for key in leaked.signing_keys().reading(Purpose.TOKEN):
        with pytest.raises(jwt.InvalidSignatureError):
            jwt.decode(forged, key, algorithms=["HS256"])
