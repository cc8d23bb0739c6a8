using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;
using PluginHost.OpenAI.Wire;

namespace PluginHost.OpenAI.Items;

/// <summary>
/// The encrypted content of reasoning items, and signatures of thinking blocks. Where the model's service gives none, it says in which form the
/// reasoning has to go back to the service, so that callers who keep nothing but items or blocks return it.
/// </summary>
internal static class ReasoningEnvelope
{
    private const string Prefix = "pluginhost.";

    /// <summary>What a reasoning item has as its encrypted content; null for none.</summary>
    public static string? Write(TextReasoningContent reasoning)
    {
        if (reasoning.ProtectedData is { Length: > 0 } data) return data;
        if (WireContent.GetForm(reasoning) is not { } form || WireContent.GetOrigin(reasoning) is not { } origin) return null;
        return Encode(new Form(form, origin));
    }

    /// <summary>Reasoning with its text, which the caller does not see.</summary>
    public static string WriteWhole(TextReasoningContent reasoning, string text, string? data) =>
        Encode(new Form(WireContent.GetForm(reasoning), WireContent.GetOrigin(reasoning)) { Text = text, Data = data });

    /// <summary>What <see cref="CallNotes"/> found beside a message and its calls.</summary>
    public static string WriteNote(AIContent note) =>
        Encode(new Form(null, WireContent.GetOrigin(note)) { Members = WireContent.GetMembers(note.AdditionalProperties), Calls = WireContent.GetCalls(note) });

    public static bool Is(string? encrypted) => encrypted?.StartsWith(Prefix, StringComparison.Ordinal) == true;

    /// <summary>The contents of a reasoning item of a caller.</summary>
    public static IEnumerable<AIContent> Read(IReadOnlyList<string> texts, string? encrypted)
    {
        if (Is(encrypted) && Parse(encrypted![Prefix.Length..]) is { } form)
        {
            yield return WireContent.WithOrigin(form.Members is null && form.Calls is null ? ToReasoning(form, texts) : ToNote(form), form.Origin);
            yield break;
        }

        for (var i = 0; i + 1 < texts.Count; i++)
        {
            yield return new TextReasoningContent(texts[i]);
            yield return new AIContent();
        }

        yield return new TextReasoningContent(texts.Count == 0 ? "" : texts[^1]) { ProtectedData = encrypted };
    }

    private static TextReasoningContent ToReasoning(Form form, IReadOnlyList<string> texts)
    {
        var reasoning = new TextReasoningContent(form.Text ?? string.Concat(texts)) { ProtectedData = form.Data };
        // The name becomes that of a member, and the envelope is the caller's word.
        return form.Name is BesideContent.Long or BesideContent.Short or BesideContent.Part or WireContent.ReasoningText ? WireContent.WithForm(reasoning, form.Name) : reasoning;
    }

    private static AIContent ToNote(Form form) => WireContent.WithCalls(WireContent.WithMembers(new AIContent(), form.Members), form.Calls);

    private static string Encode(Form form) => Prefix + Convert.ToBase64String(JsonSerializer.SerializeToUtf8Bytes(form, WireJson.Default.Form));

    private static Form? Parse(string text)
    {
        try
        {
            return JsonSerializer.Deserialize(Convert.FromBase64String(text), WireJson.Default.Form);
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            return null;
        }
    }

    /// <param name="Name">The member, or the kind of part, that holds reasoning; null for what an interface has a type for.</param>
    /// <param name="Origin">The server that gave it.</param>
    internal sealed record Form(string? Name, string? Origin)
    {
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public string? Text { get; init; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public string? Data { get; init; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public JsonElement? Members { get; init; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public JsonElement? Calls { get; init; }
    }
}
