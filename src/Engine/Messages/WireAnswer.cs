using System.Text.Json;
using Microsoft.Extensions.AI;

namespace PluginHost.Engine.Messages;

/// <summary>
/// What an answer of a model has beside its message. Each is a content without a type, with the value as JSON in its additional
/// properties, and so in every history.
/// </summary>
internal static class WireAnswer
{
    /// <summary>The name by which the Responses interface asks for the probabilities of tokens, in <c>include</c>.</summary>
    public const string IncludedLogProbabilities = "message.output_text.logprobs";

    /// <summary>What only answers have: a server refuses it in a request.</summary>
    public static IReadOnlyList<string> OfAnswers { get; } = ["annotations", "audio"];

    /// <summary>How likely the tokens of the text behind it are: an object with the lists <c>content</c> and <c>refusal</c>.</summary>
    private const string LogProbabilities = "wire.logprobs";

    /// <summary>A piece of another choice, as the server sent it.</summary>
    private const string Choice = "wire.choice";

    public static AIContent FromLogProbabilities(JsonElement value) => From(LogProbabilities, value);

    public static JsonElement? GetLogProbabilities(AIContent content) => Get(LogProbabilities, content);

    public static AIContent FromChoice(JsonElement value) => From(Choice, value);

    public static JsonElement? GetChoice(AIContent content) => Get(Choice, content);

    private static AIContent From(string name, JsonElement value) => new() { AdditionalProperties = new() { [name] = value } };

    private static JsonElement? Get(string name, AIContent content) =>
        content.GetType() == typeof(AIContent) && content.AdditionalProperties?.TryGetValue(name, out var value) == true && value is JsonElement { ValueKind: JsonValueKind.Object } json ? json : null;
}
