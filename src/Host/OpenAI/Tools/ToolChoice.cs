using Microsoft.Extensions.AI;
using PluginHost.Http.Binding;

namespace PluginHost.OpenAI.Tools;

/// <summary>Which tools the model may or must call: a word, or one function.</summary>
internal abstract record ToolChoice
{
    public string? Word { get; init; }

    public abstract string? ToolName { get; }

    public ChatToolMode? ToMode() => Word switch
    {
        "none" => ChatToolMode.None,
        "auto" => ChatToolMode.Auto,
        "required" => ChatToolMode.RequireAny,
        _ => ToolName is null ? null : ChatToolMode.RequireSpecific(ToolName),
    };

    /// <param name="errors">Collects.</param>
    /// <param name="path">The path of the function's name.</param>
    /// <param name="tools">The names of the tools; null for a wrong one.</param>
    public void Check(InputErrors errors, string path, IEnumerable<string?>? tools)
    {
        string?[] names = [.. tools ?? []];
        if (ToolName is null || names.Contains(ToolName) || names.Contains(null)) return;
        errors.Add(path, $"There is no tool '{ToolName}'.", names.Length == 0 ? "none: there are no tools" : string.Join(", ", names));
    }
}
