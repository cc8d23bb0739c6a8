using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;
using PluginHost.OpenAI.Wire;

namespace PluginHost.OpenAI.Items;

/// <summary>
/// The encrypted content of reasoning items. Where the model's service gives none, it says in which form the reasoning has to go
/// back to the service, so that callers who keep nothing but items return it.
/// </summary>
internal static class ReasoningEnvelope
{
    private const string Prefix = "pluginhost.";

    /// <summary>What a reasoning item has as its encrypted content; null for none.</summary>
    public static string? Write(TextReasoningContent reasoning)
    {
        if (reasoning.ProtectedData is { Length: > 0 } data) return data;
        if (WireContent.GetForm(reasoning) is not { } form || WireContent.GetOrigin(reasoning) is not { } origin) return null;
        return Prefix + Convert.ToBase64String(JsonSerializer.SerializeToUtf8Bytes(new Form(form, origin), WireJson.Default.Form));
    }

    /// <summary>The contents of a reasoning item of a caller.</summary>
    public static IEnumerable<AIContent> Read(IReadOnlyList<string> texts, string? encrypted)
    {
        var form = encrypted?.StartsWith(Prefix, StringComparison.Ordinal) == true ? Parse(encrypted[Prefix.Length..]) : null;
        if (form is not null)
        {
            yield return WireContent.WithOrigin(WireContent.WithForm(new TextReasoningContent(string.Concat(texts)), form.Name), form.Origin);
            yield break;
        }

        for (var i = 0; i + 1 < texts.Count; i++)
        {
            yield return new TextReasoningContent(texts[i]);
            yield return new AIContent();
        }

        yield return new TextReasoningContent(texts.Count == 0 ? "" : texts[^1]) { ProtectedData = encrypted };
    }

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

    internal sealed record Form(string Name, string Origin);
}
