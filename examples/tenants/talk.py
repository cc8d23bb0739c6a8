"""Two customers use the same name for a session, and have two sessions."""

import os
import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).parent.parent / "python"))
from pluginhost import Client, ProblemError

url = os.environ.get("PLUGINHOST_URL", "http://127.0.0.1:5080")
acme, globex = Client(url, os.environ["ACME_KEY"]), Client(url, os.environ["GLOBEX_KEY"])
print("acme:", acme.run("plan", "We build rockets.")["text"])
print("globex:", globex.run("plan", "We build anvils.")["text"])
print("acme:", acme.run("plan", "What do we build?")["text"])

acme.run("secret", "No other tenant may read this.")
try:
    globex.get("/v1/sessions/secret/messages")
except ProblemError as error:
    print("globex:", error)
