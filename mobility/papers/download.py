"""Handing a paper out, after its record's room has checked who asks."""

from flask import Response

from mobility.papers.models import Paper


def serve(paper: Paper) -> Response:
    """The paper as a file to save, never shown inside the site and kept by no cache."""
    response = Response(paper.content, mimetype="application/pdf")
    response.headers.set("Content-Disposition", "attachment", filename=f"{paper.number}.pdf")
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response
