"""Stripe's HTTP interface as far as Checkout goes: form-encoded requests, JSON answers, signed events."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import time
from urllib.parse import parse_qsl

from stripe import WebhookSignature

KEY = "sk_test_double"
SECRET = "whsec_double"


class Stripe(ThreadingHTTPServer):
    """What it was asked (`asked`: method, path, headers, form), its `sessions`, and what it is told to do."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answers)
        self.asked, self.sessions, self.kept = [], {}, {}
        self.is_down = False
        self.loses_answers = False
        self.turn = threading.Lock()

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_port}"

    def paid(self, session, **fields):
        session.update(status="complete", payment_status="paid", payment_intent="pi_1", url=None, **fields)

    def event(self, session, kind="checkout.session.completed", *, secret=SECRET, at=None):
        """The body and the header of an event about it, as things stand now."""
        body = json.dumps({"id": "evt_1", "object": "event", "type": kind, "data": {"object": session}})
        return body, WebhookSignature.generate_signature_header(body, secret, at or int(time()))


class Answers(BaseHTTPRequestHandler):
    server: Stripe

    def do_GET(self):  # the name that http.server calls
        self.meet({})

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"] or 0)).decode()
        self.meet(dict(parse_qsl(body, strict_parsing=bool(body))))

    def meet(self, form):
        with self.server.turn:
            self.server.asked.append((self.command, self.path, dict(self.headers), form))
            if self.server.is_down:
                return self.answer(503, error("api_error", "Nobody is here."))
            if self.headers["Authorization"] != f"Bearer {KEY}":
                return self.answer(401, error("invalid_request_error", "Invalid API Key provided."))
            status, said = self.act(form)
        if self.server.loses_answers:
            return self.connection.close()
        return self.answer(status, said)

    def act(self, form):
        sessions, parts = self.server.sessions, self.path.strip("/").split("/")
        if parts == ["v1", "checkout", "sessions"]:
            return self.create(form)
        session = sessions.get(parts[3])
        if session is None:
            return 404, error("invalid_request_error", "No such checkout.session")
        if parts[4:] == ["expire"]:
            if session["status"] != "open":
                return 400, error("invalid_request_error", "Only open sessions can be expired.")
            session.update(status="expired", url=None)
        return 200, session

    def create(self, form):
        key = self.headers["Idempotency-Key"]
        if key in self.server.kept:
            former, said = self.server.kept[key]
            return (200, said) if former == form else (400, error("idempotency_error", "Other parameters."))
        number = f"cs_test_{len(self.server.sessions) + 1}"
        session = {
            "id": number,
            "object": "checkout.session",
            "client_reference_id": form["client_reference_id"],
            "amount_total": int(form["line_items[0][price_data][unit_amount]"]),
            "currency": form["line_items[0][price_data][currency]"],
            "status": "open",
            "payment_status": "unpaid",
            "payment_intent": None,
            "url": f"https://checkout.stripe.com/c/pay/{number}",
        }
        self.server.sessions[number] = session
        self.server.kept[key] = (form, dict(session))
        return 200, session

    def answer(self, status, said):
        body = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


def error(kind, message):
    return {"error": {"type": kind, "message": message}}


@contextmanager
def listening() -> Iterator[Stripe]:
    server = Stripe()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
