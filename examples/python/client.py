"""Four ways to run an agent. Start a host first; the lines below show what the echo model answers."""

import os

from pluginhost import Client

client = Client(os.environ.get("PLUGINHOST_URL", "http://127.0.0.1:5080"), os.environ.get("PLUGINHOST_API_KEY"))
session = os.environ.get("SESSION", "python")

# The whole answer at once.
print("run:", client.run(session, "hi")["text"])

# The answer while it is written.
text = ""
for name, data in client.stream(session, "tell me more"):
    if name == "message.delta":
        text += data["text"]
print("stream:", text)

# A tool of this program: the run ends when the model calls it, and its result is the next input.
weather = {"name": "weather", "description": "The weather in a city.", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}
run = client.run(session, 'call weather {"city":"Rome"}', options={"tools": [weather]})
call = run["output"][-1]["content"][0]
result = {"type": "function_result", "call_id": call["call_id"], "result": "sunny in " + call["arguments"]["city"]}
print("tool:", client.run(session, [{"role": "tool", "content": [result]}])["text"])

# In the background: the run continues without this program, and any program can attach to it.
run = client.run(session, "take your time", background=True)
events = list(client.attach(session, run["id"]))
print("background:", events[-1][1]["text"])
