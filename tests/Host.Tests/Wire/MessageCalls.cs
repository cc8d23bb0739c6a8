using System.Text.Json.Nodes;
using PluginHost.Tests.Outcomes;

namespace PluginHost.Tests.Wire;

/// <summary>Calls Anthropic's interface, and puts a streamed message together as its clients do.</summary>
internal static class MessageCalls
{
    /// <summary>The message; of a stream, put together from its events.</summary>
    public static async Task<JsonNode> SayAsync(this OutcomeHost host, JsonArray messages, bool streamed, string more = "\"tools\":[{\"name\":\"weather\",\"input_schema\":{\"type\":\"object\"}}]", params (string Name, string Value)[] headers)
    {
        var body = $$"""{"max_tokens":100,"stream":{{(streamed ? "true" : "false")}},"messages":{{messages.ToJsonString()}},{{more}}}""";
        var (status, text, _) = await host.PostTextAsync("/v1/messages", body, headers);
        Assert.True(status == 200, text);
        return streamed ? Join(text) : JsonNode.Parse(text)!;
    }

    private static JsonNode Join(string stream)
    {
        JsonNode? message = null;
        var inputs = new Dictionary<int, string>();
        foreach (var data in stream.Split('\n').Where(l => l.StartsWith("data: ", StringComparison.Ordinal)).Select(l => JsonNode.Parse(l["data: ".Length..])!))
        {
            var blocks = message?["content"]!.AsArray();
            switch ((string)data["type"]!)
            {
                case "message_start":
                    message = data["message"]!.DeepClone();
                    break;
                case "content_block_start":
                    Assert.Equal(blocks!.Count, (int)data["index"]!);
                    blocks.Add(data["content_block"]!.DeepClone());
                    break;
                case "content_block_delta":
                    Add(blocks![(int)data["index"]!]!, data["delta"]!, inputs, (int)data["index"]!);
                    break;
                case "message_delta":
                    message!["stop_reason"] = data["delta"]!["stop_reason"]!.DeepClone();
                    message["usage"] = data["usage"]!.DeepClone();
                    break;
                case "error":
                    Assert.Fail(data.ToJsonString());
                    break;
            }
        }

        foreach (var (index, text) in inputs) message!["content"]![index]!["input"] = TryParse(text);
        return message!;
    }

    private static void Add(JsonNode block, JsonNode delta, Dictionary<int, string> inputs, int index)
    {
        var name = ((string)delta["type"]!).Split('_')[0];
        if (name == "input") inputs[index] = inputs.GetValueOrDefault(index) + (string?)delta["partial_json"];
        else block[name] = (string?)block[name] + (string?)delta[name];
    }

    private static JsonNode? TryParse(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (System.Text.Json.JsonException)
        {
            return text;
        }
    }
}
