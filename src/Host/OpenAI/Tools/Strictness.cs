using Microsoft.Extensions.AI;

namespace PluginHost.OpenAI.Tools;

/// <summary>The property by which a chat client learns that a schema is strict. The client of OpenAI's interface knows it.</summary>
internal static class Strictness
{
    private const string Property = "strict";

    private static readonly Dictionary<string, object?> None = [];
    private static readonly Dictionary<string, object?> Strict = new() { [Property] = true };
    private static readonly Dictionary<string, object?> Loose = new() { [Property] = false };

    public static IReadOnlyDictionary<string, object?> Properties(bool? strict) => strict switch
    {
        null => None,
        true => Strict,
        false => Loose,
    };

    /// <summary>For the format of the answer; a tool's own strictness comes first.</summary>
    public static void Set(ChatOptions options, bool? strict)
    {
        if (strict is { } value) (options.AdditionalProperties ??= [])[Property] = value;
    }
}
