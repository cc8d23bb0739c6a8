using System.Text.Json.Nodes;

namespace PluginHost.Tests.Wire;

/// <summary>Puts a message together from the chunks of a stream, with every member, as clients that keep unknown ones do.</summary>
internal static class ChatStream
{
    public static JsonObject Join(string stream)
    {
        var message = new JsonObject();
        foreach (var delta in Deltas(stream))
        {
            foreach (var (name, value) in delta)
            {
                if (name == "tool_calls") JoinCalls(message, value!.AsArray());
                else if (value is JsonValue text && text.TryGetValue(out string? piece) && name != "role") message[name] = (string?)message[name] + piece;
                else if (value is not null || !message.ContainsKey(name)) message[name] = value?.DeepClone();
            }
        }

        return message;
    }

    public static IEnumerable<JsonObject> Deltas(string stream) =>
        from line in stream.Split('\n')
        where line.StartsWith("data: {", StringComparison.Ordinal)
        let choices = JsonNode.Parse(line["data: ".Length..])!["choices"]!.AsArray()
        where choices.Count > 0
        select (JsonObject)choices[0]!["delta"]!;

    private static void JoinCalls(JsonObject message, JsonArray pieces)
    {
        message["tool_calls"] ??= new JsonArray();
        var calls = message["tool_calls"]!.AsArray();
        foreach (var piece in pieces)
        {
            var index = (int)piece!["index"]!;
            if (index == calls.Count)
            {
                var call = (JsonObject)piece.DeepClone();
                call.Remove("index");
                calls.Add(call);
                continue;
            }

            var function = calls[index]!["function"]!;
            function["arguments"] = (string?)function["arguments"] + (string?)piece["function"]!["arguments"];
        }
    }
}
