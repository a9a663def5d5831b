"""A small web application, for a server such as gunicorn: flask_app:app."""
import os
import sqlite3
import threading
import time

import flask

PAGE = """<!doctype html>
<title>{{ title }}</title>
<table>
{% for row in rows %}<tr class="{{ loop.cycle('odd', 'even') }}">
<td>{{ row.name }}</td><td>{{ "%.2f"|format(row.price) }}</td><td>{{ row.text|truncate(40) }}</td>
</tr>
{% endfor %}</table>
"""
ROWS = 1000
SHOWN = 25

app = flask.Flask(__name__)
template = app.jinja_env.from_string(PAGE)
mine = threading.local()


def database():
    """A connection of the calling thread's own, to a small shop."""
    if not hasattr(mine, "database"):
        mine.database = sqlite3.connect(":memory:")
        mine.database.row_factory = sqlite3.Row
        mine.database.execute("CREATE TABLE goods (name, price, text)")
        mine.database.executemany("INSERT INTO goods VALUES (?, ?, ?)", (
            ("goods %d" % i, i * 7919 % ROWS / 100, "what there is to say of %d, " % i * 3) for i in range(ROWS)))
    return mine.database


@app.route("/count/<int:number>")
def count(number):
    """Computes, which needs the GIL."""
    return flask.jsonify(sum=sum(range(number)), pid=os.getpid())


@app.route("/wait/<int:milliseconds>")
def wait(milliseconds):
    """Waits, as for a database."""
    time.sleep(milliseconds / 1000)
    return flask.jsonify(waited=milliseconds, pid=os.getpid())


@app.route("/page")
def page():
    """What many applications do: a query, and a page that is made of what it finds."""
    rows = database().execute("SELECT * FROM goods ORDER BY price LIMIT ?", (SHOWN,)).fetchall()
    return template.render(title="Goods", rows=rows)
