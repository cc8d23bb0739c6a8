"""A customer talks to one agent, a colleague asks the other one about the same session."""

import json
import os
import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).parent.parent / "python"))
from pluginhost import Client

client = Client(os.environ.get("PLUGINHOST_URL", "http://127.0.0.1:5080"))
print("support:", client.run("case-7", "Write to ada@example.com.", agent="support")["text"])
print("review:", client.run("case-7", "What did they want?", agent="review")["text"])
print("stored:", client.get("/v1/sessions/case-7/messages")["data"][0]["content"][0]["text"])

# The audit is on the machine of the host, below its working directory.
for file in pathlib.Path("data/audit/history").glob("*.jsonl"):
    for line in file.read_text().splitlines():
        for entry in json.loads(line).get("messages", []):
            print("audit:", entry["message"]["role"], entry["message"]["contents"][0]["text"])
