using System.Text.Json.Nodes;

namespace PluginHost.ModelServer;

/// <summary>The older protocol of <c>POST /v1/completions</c>.</summary>
internal sealed class TextCompletionProtocol : IModelProtocol
{
    public JsonObject CreateBody(ModelReply reply, JsonObject request)
    {
        var body = Create(request, string.Concat(reply.Text), reply.FinishReason);
        body["usage"] = Usage();
        return body;
    }

    public IEnumerable<StreamEvent> CreateEvents(ModelReply reply, JsonObject request)
    {
        foreach (var piece in reply.Text) yield return new(Create(request, piece, null), IsText: true);
        var last = Create(request, "", reply.FinishReason);
        last["usage"] = Usage();
        yield return new(last, IsEnd: true);
        yield return new(null, IsEnd: true);
    }

    public JsonObject CreateErrorEvent(ModelReply reply) => FakeModel.CreateError(reply);

    private static JsonObject Create(JsonObject request, string text, string? finish) => new()
    {
        ["id"] = "cmpl-1",
        ["object"] = "text_completion",
        ["created"] = 1_700_000_000,
        ["model"] = request["model"]?.DeepClone(),
        ["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["text"] = text, ["logprobs"] = null, ["finish_reason"] = finish }),
    };

    private static JsonObject Usage() => new() { ["prompt_tokens"] = 5, ["completion_tokens"] = 2, ["total_tokens"] = 7 };
}
