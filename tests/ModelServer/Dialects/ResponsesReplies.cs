using System.Text;
using System.Text.Json.Nodes;

namespace PluginHost.ModelServer.Dialects;

/// <summary>Makes answers of the Responses interface from output items: whole, or in small pieces.</summary>
public static class ResponsesReplies
{
    public static WireReply From(WireRequest request, string id, IReadOnlyList<JsonObject> output, bool isStored)
    {
        var response = new JsonObject
        {
            ["id"] = id,
            ["object"] = "response",
            ["status"] = "completed",
            ["store"] = isStored,
            ["model"] = "m",
            ["output"] = new JsonArray([.. output.Select(o => o.DeepClone())]),
            ["usage"] = new JsonObject { ["input_tokens"] = 3, ["output_tokens"] = 4, ["total_tokens"] = 7 },
        };
        return request.IsStreamed ? Events(response, output) : new WireReply(200, response.ToJsonString());
    }

    private static WireReply Events(JsonObject response, IReadOnlyList<JsonObject> output)
    {
        var text = new StringBuilder();
        var number = 0;
        var begun = (JsonObject)response.DeepClone();
        (begun["output"], begun["status"]) = (new JsonArray(), "in_progress");
        Send("response.created", new() { ["response"] = begun });
        for (var i = 0; i < output.Count; i++)
        {
            Send("response.output_item.added", new() { ["output_index"] = i, ["item"] = output[i].DeepClone() });
            foreach (var (type, data) in Deltas(output[i]))
            {
                (data["item_id"], data["output_index"]) = ((string)output[i]["id"]!, i);
                Send(type, data);
            }

            Send("response.output_item.done", new() { ["output_index"] = i, ["item"] = output[i].DeepClone() });
        }

        Send("response.completed", new() { ["response"] = response });
        return new WireReply(200, text.ToString()) { ContentType = "text/event-stream" };

        void Send(string type, JsonObject data)
        {
            (data["type"], data["sequence_number"]) = (type, number++);
            text.Append("event: ").Append(type).Append("\ndata: ").Append(data.ToJsonString()).Append("\n\n");
        }
    }

    private static IEnumerable<(string Type, JsonObject Data)> Deltas(JsonObject item)
    {
        switch ((string)item["type"]!)
        {
            case "reasoning":
                for (var i = 0; i < item["summary"]!.AsArray().Count; i++)
                {
                    yield return ("response.reasoning_summary_part.added", new() { ["summary_index"] = i });
                    foreach (var piece in ((string)item["summary"]![i]!["text"]!).Chunk(3))
                        yield return ("response.reasoning_summary_text.delta", new() { ["summary_index"] = i, ["delta"] = new string(piece) });
                }

                break;
            case "message":
                foreach (var piece in ((string)item["content"]![0]!["text"]!).Chunk(3)) yield return ("response.output_text.delta", new() { ["delta"] = new string(piece) });
                break;
            case "function_call":
                foreach (var piece in ((string)item["arguments"]!).Chunk(5)) yield return ("response.function_call_arguments.delta", new() { ["delta"] = new string(piece) });
                break;
            case "web_search_call":
                yield return ("response.web_search_call.in_progress", new());
                yield return ("response.web_search_call.searching", new() { ["query"] = "rome" });
                break;
        }
    }
}
