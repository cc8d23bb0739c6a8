using System.ComponentModel;
using PluginHost.Http.Binding;

namespace PluginHost.Native.Resources;

/// <summary>A message as the API takes it. What the API adds to messages is taken too, and ignored, so that messages can be sent back.</summary>
[Ignores("source", "run_id", "outcome")]
internal sealed record MessageBody(
    [property: AllowedText("user", "system", "developer", "assistant", "tool")] string Role,
    [property: OrText("parts")] IReadOnlyList<ContentPart> Content,
    [property: Id] string? Id = null,
    string? Author = null,
    DateTime? CreatedAt = null,
    [property: Description("Whether runs get the message although older ones are left out to fit the model.")] bool? Pinned = null) : ICheckedBody
{
    public static MessageBody FromText(string text) => new("user", [new TextPart(text)]);

    /// <summary>Each part has to be in a message whose role it fits.</summary>
    public void Check(InputErrors errors)
    {
        if (Role is null || Content is null) return;
        if (Role == "tool")
        {
            if (Content.Count == 0 || Content.Any(p => p is not (FunctionResultPart or null)))
                errors.Add("content", "A message of the role tool has results of tools, and nothing else.", "parts of the type function_result");
            return;
        }

        Refuse<FunctionResultPart>(errors, "A result of a tool belongs in a message of the role tool.");
        if (Role == "assistant") return;
        Refuse<FunctionCallPart>(errors, "A call of a tool belongs in a message of the role assistant.");
        if (Content.All(p => p is TextPart { Text: var text } && string.IsNullOrWhiteSpace(text)))
            errors.Add("content", "Must not be empty.", "text that is not blank, or at least one part");
    }

    private void Refuse<T>(InputErrors errors, string why)
    {
        for (var i = 0; i < Content.Count; i++)
        {
            if (Content[i] is T) errors.Add($"content[{i}].type", why);
        }
    }
}
