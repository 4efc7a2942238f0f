"""What holds for everybody who is signed in: sessions end, and who runs the forum needs a
second step before any page that isn't public."""

from collections.abc import Callable
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.reauthentication import suspend_request
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from members import second_step, sessions
from members.http import SignedInRequest

#: What somebody may do who must set up a second step first: set it up, or leave.
OPEN = {
    "account_logout",
    "account_reauthenticate",
    "members:prove_by_code",
    "members:recovery_codes_download",
}
#: allauth's pages that change who can get in, which its own check would let some people open
#: without showing who they are: those who sign in by code.
GUARDED = {"account_set_password"}
UNGUARDED = {
    "mfa_index",
    "mfa_list_webauthn",
    "mfa_authenticate",
    "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn",
}


class SignedIn:
    """Stands before the check that a page needs signing in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: SignedInRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Ask the session, then the second step, then for a recent proof; None goes on."""
        if settings.SESSION_COOKIE_NAME not in request.COOKIES or not request.user.is_authenticated:
            return None
        is_public = not getattr(view, "login_required", True)
        if why := sessions.why_ended(request, request.user):
            logout(request)
            if not is_public:
                messages.info(request, why)
            return None
        sessions.note_seen(request, request.user)
        match = request.resolver_match
        name = match.view_name if match else ""
        if second_step.must_set_up(request.user, request):
            answer = _without_second_step(request, name, is_public=is_public)
            if answer is not None:
                return answer
        guarded = name in GUARDED or (name.startswith("mfa_") and name not in UNGUARDED)
        if guarded and not sessions.proved_recently(request):
            methods = get_adapter().get_reauthentication_methods(request.user)
            if methods:
                asked: HttpResponse = suspend_request(request, methods[0]["url"])
                return asked
        return None


def _without_second_step(
    request: SignedInRequest, name: str, *, is_public: bool
) -> HttpResponse | None:
    """Public pages are read as the public reads them; all others wait for the set-up."""
    if name in OPEN or name.startswith("mfa_"):
        return None
    if is_public:
        if not name.startswith("account_"):
            request.user = AnonymousUser()  # type: ignore[assignment]
        return None
    return redirect("mfa_index")
