using System.Text.Json;
using System.Text.Json.Nodes;

namespace PluginHost.Conformance;

/// <summary>Compares what a store returned with what it was given, member by member, by the JSON of both.</summary>
internal static class Json
{
    public static void AssertSame(IEnumerable<HistoryMessage> expected, IEnumerable<HistoryMessage> actual) =>
        AssertSame(new JsonArray([.. expected.Select(Write)]), new JsonArray([.. actual.Select(Write)]));

    public static void AssertSame<T>(T expected, T actual) =>
        AssertSame(JsonSerializer.SerializeToNode(expected, AIJsonUtilities.DefaultOptions), JsonSerializer.SerializeToNode(actual, AIJsonUtilities.DefaultOptions));

    public static void AssertSame(JsonNode? expected, JsonNode? actual)
    {
        // Parsed again, so that a value reads the same whether it was an object of the test or an element of the store.
        var (left, right) = (expected?.ToJsonString(), actual?.ToJsonString());
        if (!JsonNode.DeepEquals(JsonNode.Parse(left ?? "null"), JsonNode.Parse(right ?? "null"))) Assert.Equal(left, right);
    }

    private static JsonObject Write(HistoryMessage message) => new()
    {
        ["id"] = message.Id,
        ["part"] = message.Part.ToString(),
        ["source"] = message.Source,
        ["run"] = message.RunId,
        ["agent"] = message.Agent,
        ["outcome"] = message.Outcome.ToString(),
        ["error"] = message.ErrorType,
        ["created"] = message.CreatedAt,
        ["message"] = JsonSerializer.SerializeToNode(message.Message, AIJsonUtilities.DefaultOptions),
    };
}
