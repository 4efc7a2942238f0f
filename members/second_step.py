"""The second step of signing in: who must have one, who has, and how allauth words it."""

import base64
from functools import cache
from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Exists, QuerySet
from django.http import HttpRequest

from coprod.models import Forum
from members.models import Person

#: What counts as a second step; recovery codes only stand in for one of these.
STEPS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


def steps_of(person: Person) -> QuerySet[Authenticator]:
    """The second steps that somebody has set up."""
    found: QuerySet[Authenticator] = Authenticator.objects.filter(user_id=person.pk)
    return found.filter(type__in=STEPS)


def must_set_up(person: Person, request: HttpRequest | None = None) -> bool:
    """Whether somebody who runs the forum still lacks what the forum's setting asks for.

    One question; the page of ``request`` needs the forum's row too, so it is left there.
    """
    if not person.is_privileged:
        return False
    forum = Forum.objects.filter(pk=1).annotate(has_step=Exists(steps_of(person))).first()
    if forum is None:
        return False
    if request is not None:
        request.forum = forum  # type: ignore[attr-defined]
    return forum.second_factor and not forum.has_step


class SecondStepAdapter(DefaultMFAAdapter):
    """allauth's second step with our names, words and drawing, its secrets encrypted."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "cannot_generate_recovery_codes": "Set up an app or a passkey first",
        "incorrect_code": "This isn’t the right code. Codes change every half minute: "
        "type the one that shows now",
    }

    def get_totp_issuer(self) -> str:
        """What the app shows above the code. A colon there would part it in two."""
        return Forum.current().name.replace(":", " ")

    def _get_site_name(self) -> str:
        return Forum.current().name

    def get_totp_label(self, user: AbstractBaseUser) -> str:
        """Issuer and address, as apps expect them."""
        return f"{self.get_totp_issuer()}:{super().get_totp_label(user)}"

    def build_totp_svg(self, url: str) -> str:
        """The code to scan as an element of the page: our policy allows no other way in."""
        svg: str = super().build_totp_svg(url)
        words = 'role="img" aria-label="A picture to scan with the app" class="pcf-qr"'
        return f"<svg {words}{svg[svg.index('<svg') + 4 :]}"

    def encrypt(self, text: str) -> str:
        return _keys().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _keys().decrypt(encrypted_text.encode()).decode()

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Any) -> str:
        """The name that a new passkey gets if its owner gives none."""
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return "My passkey" if number == 1 else f"My passkey {number}"


@cache
def _key(secret: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"second step")
    return Fernet(base64.urlsafe_b64encode(derived.derive(secret.encode())))


def _keys() -> MultiFernet:
    """From the secret key, so that a copy of the database alone opens nobody's second step."""
    return MultiFernet([_key(s) for s in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])
