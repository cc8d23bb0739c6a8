using System.Text.Json;

namespace PluginHost.OpenAI.Tools;

/// <summary>The format of a custom tool's text. Chat completions have the grammar as a member, responses have its members.</summary>
internal static class CustomFormats
{
    private const string Format = "format", Grammar = "grammar", Type = "type";

    /// <summary>A declaration of chat completions as responses have it.</summary>
    public static JsonElement ToResponses(JsonElement custom)
    {
        if (!custom.TryGetProperty(Format, out var format) || format.ValueKind != JsonValueKind.Object || !format.TryGetProperty(Grammar, out var grammar) || grammar.ValueKind != JsonValueKind.Object)
            return custom;
        var flat = OpenMembers.Read(grammar);
        flat[Type] = format.GetProperty(Type);
        var members = OpenMembers.Read(custom);
        members[Format] = OpenMembers.ToJson(flat)!.Value;
        return OpenMembers.ToJson(members)!.Value;
    }
}
