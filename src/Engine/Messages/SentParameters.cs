using System.Text.Json;
using Microsoft.Extensions.AI;

namespace PluginHost.Engine.Messages;

/// <summary>
/// The parameters of a request as its caller sent them, for clients that call a server with the same interface. Travels in the
/// additional properties of the options. Immutable.
/// </summary>
/// <param name="Values">The values by the names of the caller's interface; members of <c>reasoning</c> and <c>text</c> as <c>reasoning.effort</c>.</param>
/// <param name="Bound">The options that were made of them, to see what a plugin changed.</param>
internal sealed record SentParameters(IReadOnlyDictionary<string, JsonElement> Values, ChatOptions Bound)
{
    private const string Property = "wire.parameters";

    private static readonly Dictionary<string, Func<ChatOptions, object?>> Typed = new(StringComparer.Ordinal)
    {
        ["temperature"] = static o => o.Temperature,
        ["top_p"] = static o => o.TopP,
        ["top_k"] = static o => o.TopK,
        ["frequency_penalty"] = static o => o.FrequencyPenalty,
        ["presence_penalty"] = static o => o.PresencePenalty,
        ["seed"] = static o => o.Seed,
        ["stop"] = static o => o.StopSequences is { } stop ? string.Join('\0', stop) : null,
        ["max_tokens"] = static o => o.MaxOutputTokens,
        ["max_completion_tokens"] = static o => o.MaxOutputTokens,
        ["max_output_tokens"] = static o => o.MaxOutputTokens,
        ["reasoning_effort"] = static o => o.Reasoning?.Effort,
        ["reasoning.effort"] = static o => o.Reasoning?.Effort,
        ["reasoning.summary"] = static o => o.Reasoning?.Output,
        ["response_format"] = static o => o.ResponseFormat,
        ["text.format"] = static o => o.ResponseFormat,
        ["parallel_tool_calls"] = static o => o.AllowMultipleToolCalls,
    };

    public static SentParameters? Find(ChatOptions? options) =>
        options?.AdditionalProperties?.TryGetValue(Property, out var value) == true ? value as SentParameters : null;

    public static void RemoveFrom(ChatOptions options) => options.AdditionalProperties?.Remove(Property);

    /// <summary>Adds the parameters to the options that were made of them.</summary>
    public static ChatOptions Add(ChatOptions options, IReadOnlyDictionary<string, JsonElement> values)
    {
        if (values.Count > 0) (options.AdditionalProperties ??= [])[Property] = new SentParameters(values, options.Clone());
        return options;
    }

    /// <summary>Whether a parameter still has the value that the caller sent.</summary>
    public bool IsUnchanged(string name, ChatOptions now) => !Typed.TryGetValue(name, out var get) || Equals(get(Bound), get(now));
}
