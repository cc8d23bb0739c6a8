using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace PluginHost.Sdk.Testing.Conformance.Checks;

/// <summary>Compares stored and returned objects by the JSON of all their members.</summary>
internal static class JsonAssert
{
    /// <summary>Lists in each other, so many levels deep.</summary>
    public static JsonElement Nested(int levels) =>
        JsonElement.Parse(new string('[', levels) + new string(']', levels), new JsonDocumentOptions { MaxDepth = levels });

    public static void Equivalent(IEnumerable<HistoryMessage> expected, IEnumerable<HistoryMessage> actual) =>
        Equivalent(new JsonArray([.. expected.Select(Write)]), new JsonArray([.. actual.Select(Write)]));

    public static void Equivalent<T>(T expected, T actual) =>
        Equivalent(JsonSerializer.SerializeToNode(expected, AIJsonUtilities.DefaultOptions), JsonSerializer.SerializeToNode(actual, AIJsonUtilities.DefaultOptions));

    public static void Equivalent(ReadOnlyMemory<byte> expected, ReadOnlyMemory<byte> actual) =>
        Equivalent(JsonNode.Parse(expected.Span), JsonNode.Parse(actual.Span));

    /// <summary>A document with a member that this version of the SDK does not know.</summary>
    public static byte[] AddMember(ReadOnlyMemory<byte> document)
    {
        var json = JsonNode.Parse(document.Span)!;
        json["later"] = new JsonObject { ["list"] = new JsonArray(1, "ä\n") };
        return Encoding.UTF8.GetBytes(json.ToJsonString());
    }

    public static void Equivalent(JsonNode? expected, JsonNode? actual)
    {
        // Parse the text, so that objects and JSON elements with the same value are equal.
        var (left, right) = (expected?.ToJsonString(), actual?.ToJsonString());
        if (!JsonNode.DeepEquals(JsonNode.Parse(left ?? "null"), JsonNode.Parse(right ?? "null"))) Expect.Equal(left, right);
    }

    private static JsonObject Write(HistoryMessage message) => new()
    {
        ["id"] = message.Id,
        ["part"] = message.Origin.ToString(),
        ["source"] = message.Source,
        ["run"] = message.RunId,
        ["agent"] = message.Agent,
        ["outcome"] = message.Outcome.ToString(),
        ["error"] = message.ErrorType,
        ["created"] = message.CreatedAt,
        ["message"] = JsonSerializer.SerializeToNode(message.Message, AIJsonUtilities.DefaultOptions),
    };
}
