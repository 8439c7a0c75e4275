"""A bare Flask page with one query: what every page of the site is measured against."""

from flask import Flask, render_template_string
from sqlalchemy import create_engine, text

from mobility.core.settings import read_settings

PAGE = "<!DOCTYPE html><html lang='en'><title>Bare</title><h1>{{ title }}</h1></html>"
QUESTION = text("SELECT title FROM call ORDER BY id LIMIT 1")

app = Flask(__name__)
# The pool of the site.
engine = create_engine(read_settings().database_url, pool_size=4, max_overflow=8, pool_pre_ping=True)


@app.get("/")
def page() -> str:
    """One row in one template."""
    with engine.connect() as connection:
        title = connection.execute(QUESTION).scalar_one()
    return render_template_string(PAGE, title=title)
