"""A small web application, for a server such as gunicorn: flask_app:app."""
import os
import time

import flask

app = flask.Flask(__name__)


@app.route("/count/<int:number>")
def count(number):
    """Computes, which needs the GIL."""
    return flask.jsonify(sum=sum(range(number)), pid=os.getpid())


@app.route("/wait/<int:milliseconds>")
def wait(milliseconds):
    """Waits, as for a database."""
    time.sleep(milliseconds / 1000)
    return flask.jsonify(waited=milliseconds, pid=os.getpid())
