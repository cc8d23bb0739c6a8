"""A client of PluginHost's native API. It needs Python 3.9 and nothing else; copy it into your program.

Calls survive lost connections: a run is sent again with the same Idempotency-Key, which joins it or returns its result, and a stream continues
behind the last event that arrived.
"""

import http.client
import json
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

# A failed run is 500, 502 or 504. It would run again, and its tools could act twice: the caller decides that.
RETRIED = {429, 503}
ATTEMPTS = 6
LOST = (OSError, http.client.HTTPException, json.JSONDecodeError)


class ProblemError(Exception):
    """The host refused a request, or a run failed. `problem` is the problem document."""

    def __init__(self, problem):
        super().__init__(problem.get("detail") or problem.get("title"))
        self.problem = problem


class Client:
    def __init__(self, url="http://127.0.0.1:5080", key=None):
        self.url, self.key = url.rstrip("/"), key

    def run(self, session, input, **fields):
        """Runs an agent and returns the run when it has ended. `fields` are `agent`, `options`, `metadata`, `background`."""
        body, key = {"input": input, **fields}, str(uuid.uuid4())
        return self._retry(lambda: self._json("POST", runs_of(session), body, {"Idempotency-Key": key}))

    def stream(self, session, input, **fields):
        """Runs an agent and yields each event as (name, data) while it works. The last event has the whole run."""
        body, headers = {"input": input, "stream": True, **fields}, {"Idempotency-Key": str(uuid.uuid4())}
        # The same key joins the run and gives its events from the first.
        yield from self._events(lambda last: self._open("POST", runs_of(session), body, headers))

    def attach(self, session, run, after=0):
        """Yields the events of a run behind an event, also of one in the background."""
        path = f"{runs_of(session)}/{run}/events"
        yield from self._events(lambda last: self._open("GET", path, None, {"Last-Event-ID": str(last)}), after)

    def get(self, path):
        return self._retry(lambda: self._json("GET", path))

    def _events(self, open, last=0):
        failures = 0
        while True:
            try:
                with self._retry(lambda: open(last)) as response:
                    for id, name, data in read_events(response):
                        if id <= last:
                            continue
                        last, failures = id, 0
                        yield name, data
                        if name in ("run.completed", "run.failed", "run.cancelled", "run.requires_action"):
                            return
            except LOST:
                pass
            failures += 1
            if failures == ATTEMPTS:
                raise ConnectionError("The stream was lost too often.")
            time.sleep(0.1 * 2**failures)

    def _retry(self, call):
        for attempt in range(1, ATTEMPTS + 1):
            wait = 0.1 * 2**attempt
            try:
                return call()
            except urllib.error.HTTPError as error:
                with error:
                    problem = read_problem(error)
                # A plugin refused the run, perhaps until the end of the month, or after it called tools.
                is_final = problem.get("type") == "/problems/run-refused"
                if error.code not in RETRIED or is_final or attempt == ATTEMPTS:
                    raise ProblemError(problem) from None
                # Seconds; a proxy may send a date.
                seconds = error.headers.get("Retry-After") or ""
                wait = float(seconds) if seconds.isdigit() else wait
            except LOST:
                if attempt == ATTEMPTS:
                    raise
            time.sleep(wait)

    def _json(self, method, path, body=None, headers=None):
        with self._open(method, path, body, headers) as response:
            return json.load(response)

    def _open(self, method, path, body=None, headers=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, {"Content-Type": "application/json", **(headers or {})}, method=method)
        if self.key:
            request.add_header("Authorization", f"Bearer {self.key}")
        # Longer than the silence between two comments of a stream.
        return urllib.request.urlopen(request, timeout=700 if method == "POST" else 60)


def runs_of(session):
    """The path of a session's runs. Its id may come from a user, and must not lead to another session."""
    return f"/v1/sessions/{urllib.parse.quote(session, safe='')}/runs"


def read_problem(error):
    """The problem document of an error, or a short one when a proxy answered."""
    try:
        return json.load(error)
    except (ValueError, OSError, http.client.HTTPException):
        return {"title": f"Status {error.code}."}


def read_events(response):
    """Yields the server-sent events of a response as (id, name, data). An event that broke off is left out."""
    event = {}
    for line in response:
        field, _, value = line.decode().rstrip("\n").partition(":")
        if field:
            event[field] = value.removeprefix(" ")
        elif "data" in event:
            yield int(event["id"]), event["event"], json.loads(event["data"])
            event = {}
