"""The least that Flask can do: the view that everything else is measured against."""

from types import SimpleNamespace

from flask import Flask, Response

app = Flask(__name__, static_folder=None)
# All that the shipped gunicorn configuration asks of an application.
app.extensions["job_thread"] = SimpleNamespace(start=lambda: None, stop=lambda: None)


@app.get("/")
def ok() -> Response:
    """Two bytes."""
    return Response(b"ok")
