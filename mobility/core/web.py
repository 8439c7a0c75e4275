"""What every answer has in common: headers, error pages, clean input, absolute links."""

import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import structlog
from flask import (
    Flask,
    Request,
    Response,
    abort,
    current_app,
    jsonify,
    make_response,
    render_template,
    request,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.csrf import CSRFError, CSRFProtect
from sqlalchemy.exc import OperationalError
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.formparser import FormDataParser
from werkzeug.middleware.proxy_fix import ProxyFix

from mobility.core.access import guard_request
from mobility.core.db import db
from mobility.core.errors import NotAllowed, NotFound, RuleBroken
from mobility.core.forms import is_storable
from mobility.core.uploads import LARGEST_REQUEST, file_field

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = structlog.get_logger()
csrf = CSRFProtect()

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    # "no-referrer" would break every HTTPS form.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}

# Shorter answers are typed again sooner than copied.
SENTENCE = 20
REFUSED = frozenset({400, 401, 403, 404, 409, 429})
SECRET = re.compile("password|token|code|iban|bic|once|sha256|next")

REFUSALS = {
    "wrong-state": _l(
        "This has gone on meanwhile and can no longer be done. Open the page again to see where it stands."
    ),
    "stale": _l(
        "Somebody has changed this since you opened the page. Open it again; nothing of yours was stored."
    ),
    "sent-twice": _l("This form was sent twice; we took it the first time. Nothing was done twice."),
    "clock-fixed": _l("The clock of a production site is not moved."),
}

WORDS: dict[int, tuple[Any, Any, Any]] = {
    400: (
        _l("This request could not be read"),
        _l("Something in it is not in a form that we can read."),
        _l("Go back, check what you typed, and send it again."),
    ),
    401: (
        _l("Sign in first"),
        _l("You are not signed in, or your session has ended."),
        _l("Sign in and send it again."),
    ),
    403: (
        _l("This page is not open to you"),
        _l("Your role does not include it."),
        _l("If you think it should, ask your support office."),
    ),
    404: (
        _l("There is nothing here"),
        _l("The page does not exist, or it is not yours to see."),
        _l("Check the address, or start from the first page."),
    ),
    405: (
        _l("Not in this way"),
        _l("This address only takes what a page sends to it."),
        _l("Open the page that it belongs to, or start from the first page."),
    ),
    409: (
        _l("This cannot be done now"),
        _l("Somebody has changed it since you opened the page, or it has gone on."),
        _l("Open the page again to see where it stands. Nothing was changed."),
    ),
    410: (_l("This has ended"), _l("The link is no longer valid."), _l("Ask for a new one.")),
    413: (
        _l("That is too much"),
        _l("What you sent is larger than we take."),
        _l("Send less and try again."),
    ),
    422: (
        _l("Something needs mending"),
        _l("An answer is missing or wrong."),
        _l("Go back and check what you typed."),
    ),
    429: (
        _l("Too many tries"),
        _l("There were too many tries in a short time."),
        _l("Wait a little and try again."),
    ),
    500: (
        _l("Something went wrong on our side"),
        _l("We have noted it. Nothing was half done."),
        _l("Try again in a moment."),
    ),
    503: (
        _l("Not available for a moment"),
        _l("A part of the system is away. Nothing was changed."),
        _l("Try again in a minute."),
    ),
}


class PublicAddress:
    """Tells the application its public address, whatever Host the client claims (promise T18)."""

    def __init__(self, wsgi_app: "WSGIApplication", base_url: str) -> None:
        self.wsgi_app = wsgi_app
        address = urlsplit(base_url)
        self.host, self.scheme = address.netloc, address.scheme

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        environ["HTTP_HOST"], environ["wsgi.url_scheme"] = self.host, self.scheme
        return self.wsgi_app(environ, start_response)


class FormParser(FormDataParser):
    """Puts U+FFFD where bytes are no text, as a form of several parts does; its field then says so."""

    def _parse_urlencoded(
        self,
        stream: IO[bytes],
        mimetype: str,  # noqa: ARG002
        content_length: int | None,  # noqa: ARG002
        options: dict[str, str],  # noqa: ARG002
    ) -> tuple[IO[bytes], MultiDict[str, str], MultiDict[str, FileStorage]]:
        pairs = parse_qsl(stream.read().decode(errors="replace"), keep_blank_values=True, errors="replace")
        return stream, self.cls(pairs), self.cls()


class FormRequest(Request):
    """A request whose form keeps nothing unreadable by stealth."""

    form_data_parser_class = FormParser


def serve_well(app: Flask) -> None:
    """Put headers, error pages and input checks on the application."""
    app.wsgi_app = PublicAddress(app.wsgi_app, app.config["SETTINGS"].public_base_url)  # type: ignore[method-assign]
    if app.config["SETTINGS"].proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=app.config["SETTINGS"].proxies, x_proto=0)  # type: ignore[method-assign]
    app.request_class = FormRequest
    app.before_request(_make_room_for_files)
    csrf.init_app(app)
    app.before_request(_refuse_unreadable)
    app.before_request(guard_request)
    app.after_request(_protect)
    app.register_error_handler(RuleBroken, _rule_broken)
    app.register_error_handler(NotAllowed, lambda _error: error_page(403))
    app.register_error_handler(NotFound, lambda _error: error_page(404))
    app.register_error_handler(CSRFError, _form_too_old)
    app.register_error_handler(OperationalError, _away)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(500, lambda _error: error_page(500))


def error_page(status: int, text: str | None = None, **headers: str) -> Response:
    """One page for every error; nothing of the request's transaction stays."""
    db.session.rollback()
    title, usual, help_text = WORDS.get(status, WORDS[400 if status < 500 else 500])
    if request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json":
        response = jsonify(error=str(title), text=str(text or usual))
    else:
        page = render_template(
            "errors/error.html",
            code=status,
            title=title,
            text=text or usual,
            help=help_text,
            typed=_typed() if status in REFUSED else [],
            back=_record() if status == HTTPStatus.METHOD_NOT_ALLOWED else _back(),
        )
        response = make_response(page)
    response.status_code = status
    response.headers.update(headers)
    return response


def _typed() -> list[str]:
    """What somebody wrote into the form that is refused, so that it can be copied: sentences, never secrets."""
    if request.method != "POST":
        return []
    written = (value for name, value in request.form.items(multi=True) if not SECRET.search(name))
    return [value for value in written if len(value.strip()) >= SENTENCE]


def _back() -> str | None:
    """The page that the refused form came from, if it is one of ours."""
    came_from = urlsplit(request.referrer or "")
    is_ours = request.method == "POST" and came_from.netloc == request.host
    return f"{came_from.path}?{came_from.query}".rstrip("?") if is_ours else None


def _record() -> str | None:
    """The page above an address that takes only what is sent to it, such as that of a refused form."""
    addresses, path = current_app.create_url_adapter(request), request.path
    while addresses is not None and (path := path.rpartition("/")[0]):
        if addresses.test(path, "GET"):
            return f"{request.script_root}{path}"
    return None


def form_page(template: str, form: FlaskForm, **context: Any) -> ResponseReturnValue:
    """A page with a form; a refused form answers 422."""
    page = render_template(template, form=form, **context)
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK


def external_url(endpoint: str, **values: Any) -> str:
    """An absolute link for a letter, from PUBLIC_BASE_URL and never from the request (promise T18)."""
    base = urlsplit(current_app.config["SETTINGS"].public_base_url)
    adapter = current_app.url_map.bind(base.netloc, url_scheme=base.scheme)
    return adapter.build(endpoint, values, force_external=True)


def _refuse_unreadable() -> None:
    """Refuse addresses and queries that no database can hold; forms say so beside their fields."""
    texts = [request.path, *request.args.keys(), *request.args.values()]
    texts += [str(value) for value in (request.view_args or {}).values()]
    if not all(is_storable(text) for text in texts) or any(len(text) > 2000 for text in texts):
        abort(404 if not is_storable(request.path) else 400)
    # Our forms read text: a file or a JSON value in the place of one would break them.
    if request.is_json or set(request.files) - {file_field()}:
        abort(415)


def _make_room_for_files() -> None:
    """Read more than usual where files are taken, and one may come: before anybody looks at the form."""
    if file_field() and request.mimetype == "multipart/form-data":
        request.max_content_length = LARGEST_REQUEST


def _protect(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"
    if current_app.config["SETTINGS"].is_https:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response


def _rule_broken(error: RuleBroken) -> Response:
    words = current_app.extensions["rule_words"](error)
    return error_page(409, words)


def _form_too_old(_error: CSRFError) -> Response:
    return error_page(400, _("The page was open too long. Go back, reload it, and send it again."))


def _away(error: OperationalError) -> Response:
    log.error("dependency-away", kind=type(error.orig).__name__)
    return error_page(503)


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:
        return error
    kept = dict(error.get_headers()) if error.code in {405, 429} else {}
    headers = {name: value for name, value in kept.items() if name in {"Allow", "Retry-After"}}
    return error_page(error.code, **headers)
