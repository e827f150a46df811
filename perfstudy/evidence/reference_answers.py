"""Check that a service's reference gives real answers: no error, no login page."""

import re
from collections.abc import Collection, Iterable, Mapping
from urllib.parse import urlsplit

from perfstudy.drivers.http import Exchange
from perfstudy.errors import PerfstudyError, UsageError
from perfstudy.model.control_characters import escape_controls

LOGIN = re.compile(
    r"(?<![a-z])(login|signin|(log|sign)[-_]in(?![a-z])|(sso|saml2?|openid|o?auth2?|authenticate|authorize)(?![a-z]))",
    re.IGNORECASE,
)
"""What the address of a login page has in its host or path."""
REDIRECTS = frozenset({301, 302, 303, 307, 308})
PAGE = re.compile(rb"\s*(<!--.*?-->\s*)*<(!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL)
HEAD = 4096
"""The number of bytes in which a page begins, comments included."""


def check_reference(answers: Mapping[str, Exchange], may_refuse: Collection[str] = ()) -> list[str]:
    """Check the answers of the reference, by request, and return warnings.

    A request in *may_refuse* may be answered with any 4xx but 401 and 403: that a drawn order is not there is an
    answer that can be compared. A warning is about an answer that may not be the one meant: a redirect, or an HTML
    page where most answers are JSON.

    Raises:
        UsageError: a request needs a login.
        PerfstudyError: a request is answered with an error.
    """
    for request, answer in answers.items():
        _check_answer(request, answer, request in may_refuse)
    return [*_warn_of_redirects(answers), *_warn_of_pages(answers)]


def _check_answer(request: str, answer: Exchange, may_refuse: bool) -> None:
    if answer.status in (401, 403):
        raise UsageError(
            f"{request} is answered {answer.status} by the reference: it needs a login; "
            "give login= or headers= that are let in"
        )
    if answer.status in REDIRECTS and LOGIN.search(_find_place(answer)):
        raise UsageError(
            f"{request} is sent to the login page {_find_place(answer)} by the reference ({answer.status}); "
            "give login= or headers= that are let in"
        )
    if answer.status >= (500 if may_refuse else 400):
        raise PerfstudyError(
            f"{request} is answered {answer.status} by the reference: a broken reference proves nothing; "
            "mend the request or the service"
        )


def _find_place(answer: Exchange) -> str:
    """Return where a redirect leads, without the query, which may hold secrets."""
    location = answer.headers.get("location", "")
    try:
        parts = urlsplit(location)
        host = parts.netloc.rpartition("@")[2]
    except ValueError:  # a bracket that does not close
        return escape_controls(location.partition("?")[0])
    return escape_controls(f"{parts.scheme}://{host}{parts.path}" if host else parts.path)


def _warn_of_redirects(answers: Mapping[str, Exchange]) -> Iterable[str]:
    for request, answer in answers.items():
        if answer.status in REDIRECTS:
            yield f"{request} is sent to {_find_place(answer)} ({answer.status}): what is measured is the redirect"


def _warn_of_pages(answers: Mapping[str, Exchange]) -> Iterable[str]:
    documents = sum(map(_is_json, answers.values()))
    if 2 * documents <= len(answers):
        return
    for request, answer in answers.items():
        if answer.status < 300 and not _is_json(answer) and PAGE.match(answer.body[:HEAD]):
            yield (
                f"{request} is answered {answer.status} with an HTML page, and {documents} of {len(answers)} answers "
                "are JSON: is it an error page?"
            )


def _is_json(answer: Exchange) -> bool:
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind == "application/json" or kind.endswith("+json")
