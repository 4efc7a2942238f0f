"""Bank details under lock and key: encrypted in the database by keys that lie elsewhere.

The newest key seals; older ones still open, until ``manage.py rotate_bank_keys`` has sealed
everything anew and they can be thrown away.
"""

import base64
import json
from functools import cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from expenses.accounts import Account

#: Shorter ones could be guessed.
SHORTEST = 32
NO_KEY = "These bank details can’t be opened: the key that sealed them isn’t here any more."


class CannotOpen(Exception):
    """Sealed by a key that isn't here, or for somebody else. The text is for people."""


@cache
def _key(secret: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"bank details")
    return Fernet(base64.urlsafe_b64encode(derived.derive(secret.encode())))


def _keys() -> list[Fernet]:
    """The newest first. The forum's own, then those that follow from its secret key.

    The latter open what was sealed before it had keys of its own. Raises ImproperlyConfigured.
    """
    own = list(settings.COPROD_BANK_KEYS)
    if any(len(secret) < SHORTEST for secret in own):
        raise ImproperlyConfigured(f"COPROD_BANK_KEYS: a key has {SHORTEST} characters or more")
    return [_key(s) for s in (*own, settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]


def seal(account: Account, *, person_id: int) -> str:
    """The whole account as text that says nothing; bound to its person."""
    said = {
        "person": person_id,
        "name": account.name,
        "sort_code": account.sort_code,
        "number": account.number,
    }
    return _keys()[0].encrypt(json.dumps(said).encode()).decode()


def unseal(sealed: str, *, person_id: int) -> Account:
    """What was sealed for this person. Raises CannotOpen."""
    try:
        said = json.loads(MultiFernet(_keys()).decrypt(sealed.encode()))
    except InvalidToken:
        raise CannotOpen(NO_KEY) from None
    if said["person"] != person_id:
        raise CannotOpen("These bank details were sealed for somebody else.")
    return Account(said["name"], said["sort_code"], said["number"])


def resealed(sealed: str) -> str | None:
    """The same under the newest key; None where it has that already. Raises CannotOpen."""
    keys = _keys()
    try:
        keys[0].decrypt(sealed.encode())
    except InvalidToken:
        pass
    else:
        return None
    try:
        return MultiFernet(keys).rotate(sealed.encode()).decode()
    except InvalidToken:
        raise CannotOpen(NO_KEY) from None
