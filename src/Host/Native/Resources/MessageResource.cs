using System.ComponentModel;
using PluginHost.Http.Binding;

namespace PluginHost.Native.Resources;

/// <summary>A message as the API returns it.</summary>
internal sealed record MessageResource(
    string Id,
    [property: AllowedText("user", "system", "developer", "assistant", "tool")] string Role,
    IReadOnlyList<ContentPart> Content)
{
    [Description("The name of who wrote it, when there is one.")]
    public string? Author { get; init; }

    public DateTime? CreatedAt { get; init; }

    [Description("The plugin that gave the message; absent when it came from the caller or the model.")]
    public string? Source { get; init; }

    [Description("The run it belongs to; absent for messages added outside a run.")]
    public string? RunId { get; init; }

    [Description("Absent when that run was completed.")]
    [AllowedText("failed", "cancelled")]
    public string? Outcome { get; init; }

    [Description("true when runs get the message although older ones are left out; absent otherwise.")]
    public bool? Pinned { get; init; }

    [Description("true when the message was cut off by a loss of the host and the next one begins it anew; absent otherwise.")]
    public bool? Incomplete { get; init; }
}

