"""The application factory: settings in, a Flask application out."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Flask, abort, redirect, request, url_for
from flask.sessions import SecureCookieSessionInterface
from flask_compress import Compress
from flask_wtf import CSRFProtect
from itsdangerous import BadSignature
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import RequestRedirect

from intake import __version__
from intake.actions import rule_packs
from intake.core.errors import IntakeError
from intake.exports.documents import documents_in
from intake.keys import read_keys
from intake.protection import require_protection
from intake.resources import folder
from intake.web import api, cards, desk, tablet
from intake.web.access import Access, is_signed_in, open_to
from intake.web.api_problems import is_asked_by_a_system
from intake.web.assets import init_assets
from intake.web.bounds import BoundedRequest
from intake.web.clinic import Clinic, close_store, current_clinic, current_store
from intake.web.cookies import TABLET_COOKIE, TABLET_PATH, VISIT_COOKIE, cookie_name, given_cookie
from intake.web.hosts import refuse_other_hosts
from intake.web.languages import init_languages
from intake.web.looks import init_looks
from intake.web.security import add_headers, register_error_pages

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Request
    from flask.sessions import SecureCookieSession
    from flask.typing import ResponseReturnValue

    from intake.settings import Settings

MAX_BODY_BYTES = 512_000
MAX_FORM_PARTS = 1000
LARGE_BODIES = {"desk.check_pack": 6_000_000}
"""The only views that take more than `MAX_BODY_BYTES`: a rule pack is a folder of files.

They take it from whoever is signed in at the desk.
"""
JSON_ENDPOINTS = ("tablet.suggest",)
"""The only views of pages that read JSON."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


def create_app(settings: Settings, clock: Callable[[], datetime] = _utc_now) -> Flask:
    """Build the application, with the keys of the clinic.

    Args:
        settings: Where the clinic lives.
        clock: Tells the present instant, with its time zone.

    Raises:
        KeysError: there are no keys, or they cannot be used.
        ProtectionError: something is weak, and nobody allowed that.
    """
    require_protection(settings)
    keys = read_keys(settings)
    static = Path(__file__).resolve().parent.parent / "static"
    app = Flask("intake.web", template_folder=str(folder("templates")), static_folder=str(static))
    app.config.update(
        SECRET_KEY=keys.derived("form tokens"),
        MAX_CONTENT_LENGTH=MAX_BODY_BYTES,
        MAX_FORM_MEMORY_SIZE=MAX_BODY_BYTES,
        MAX_FORM_PARTS=MAX_FORM_PARTS,
        SESSION_COOKIE_NAME="intake_form",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        WTF_CSRF_TIME_LIMIT=12 * 3600,
        # The strict check wants a Referer, which we tell browsers never to send; the form token
        # and SameSite=Strict cookies stand without it.
        WTF_CSRF_SSL_STRICT=False,
        SEND_FILE_MAX_AGE_DEFAULT=3600,
        # Form tokens are masked anew for every page, so compression gives nothing of them away.
        COMPRESS_ALGORITHM=["gzip"],
        COMPRESS_STREAMS=False,
    )
    if settings.proxies:
        # The exact number: further to the left stands what a browser wrote there itself.
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies
        )
    app.request_class = BoundedRequest
    app.session_interface = FormTokens()
    app.extensions["intake"] = Clinic(settings, keys, clock)
    app.extensions["documents"] = documents_in(folder("templates"), static)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.before_request(refuse_other_hosts)  # before anything answers
    Compress(app)
    app.extensions["assets"] = init_assets(app)  # runs before the compression, see there
    app.before_request(lead_on_by_path)
    app.before_request(allow_large_bodies)  # before anything looks into the body
    guarded = CSRFProtect(app)
    for one in (api.bp, cards.bp):  # a token is sent by whoever means to, and by no browser
        guarded.exempt(one)
    init_languages(app)
    init_looks(app, settings)
    app.before_request(take_forms_only)
    app.after_request(add_headers)
    app.teardown_appcontext(close_store)
    register_error_pages(app)
    app.register_blueprint(tablet.bp)
    app.register_blueprint(desk.bp)
    app.register_blueprint(api.bp)
    app.register_blueprint(cards.bp)
    app.add_url_rule("/", view_func=front_door)
    app.add_url_rule("/healthz", view_func=healthz)
    app.context_processor(_for_every_page)
    return app


class FormTokens(SecureCookieSessionInterface):
    """The cookie that form tokens are tied to."""

    digest_method = staticmethod(hashlib.sha256)

    def get_cookie_name(self, app: Flask) -> str:
        """Return its name, which under TLS says where it comes from."""
        return cookie_name(super().get_cookie_name(app), "/")

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession:
        """Read the one of the cookies under this name that we have signed: there may be others.

        A page or a person can lay another before it, for a longer path.
        """
        signer = self.get_signing_serializer(app)
        most = int(app.permanent_session_lifetime.total_seconds())
        for one in request.cookies.getlist(self.get_cookie_name(app)):
            with suppress(BadSignature):
                return self.session_class(signer.loads(one, max_age=most) if signer else None)
        return self.session_class()

    def get_cookie_secure(self, app: Flask) -> bool:
        """Tell whether it is sent over TLS alone, without which its name is refused there."""
        return request.is_secure


def _for_every_page() -> dict[str, object]:
    return {"clinic_name": current_clinic().name, "app_version": __version__}


def lead_on_by_path() -> ResponseReturnValue | None:
    """Lead a browser on without the name that it called us by, which anybody may have put there."""
    elsewhere = request.routing_exception
    if not isinstance(elsewhere, RequestRedirect):
        return None
    where = urlsplit(elsewhere.new_url)
    path = f"/{where.path.lstrip('/')}"
    return redirect(f"{path}?{where.query}" if where.query else path, elsewhere.code)


def allow_large_bodies() -> ResponseReturnValue | None:
    """Let the few views that need it take a large body, from whoever is signed in at the desk.

    To read one takes a second or two, before a view asks who sends it; others are asked first.
    """
    most = LARGE_BODIES.get(request.endpoint or "")
    if most is None:
        return None
    if is_signed_in():
        request.max_content_length = most
        return None
    is_large = (request.content_length or 0) > MAX_BODY_BYTES
    return redirect(url_for("desk.sign_in"), 303) if is_large else None


def take_forms_only() -> None:
    """Refuse JSON where a form is expected, out of which Flask-WTF would read fields, and too many.

    The limit of parts that Flask keeps is for one of the two ways to send a form only.
    A form that no view takes is not read.
    """
    if request.method != "POST" or request.endpoint is None or is_asked_by_a_system():
        return
    if request.is_json and request.endpoint not in JSON_ENDPOINTS:
        abort(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    if sum(map(len, request.form.listvalues())) > MAX_FORM_PARTS:
        abort(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


@open_to(Access.ANYBODY)
def front_door() -> ResponseReturnValue:
    """Send tablets to their side and everybody else to the desk."""
    has_visit = cookie_name(VISIT_COOKIE, TABLET_PATH) in request.cookies
    is_tablet = has_visit or given_cookie(TABLET_COOKIE, path="/")
    return redirect(url_for("tablet.start" if is_tablet else "desk.queue"), 303)


@open_to(Access.ANYBODY)
def healthz() -> ResponseReturnValue:
    """Say honestly whether intakes can be taken now: the database writes, the rules load."""
    problems = current_clinic().health.problems(_problems)
    body = {"status": "unhealthy" if problems else "ok", "problems": problems}
    return json.dumps(body), 503 if problems else 200, {"Content-Type": "application/json"}


def _problems() -> list[str]:
    try:
        store = current_store()
        store.try_to_write()
        hash_ = rule_packs.hash_in_force(store)
        if hash_ is None:
            return ["no rule pack is in force"]
        current_clinic().pack_of(hash_)
    except IntakeError as error:
        return [type(error).__name__]
    return []
