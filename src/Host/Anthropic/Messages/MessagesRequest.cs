using Microsoft.Extensions.AI;

namespace PluginHost.Anthropic.Messages;

/// <summary>A request, in the types of models.</summary>
/// <param name="Body">The body, without errors.</param>
internal sealed record MessagesRequest(MessagesBody Body)
{
    public MessagesInput Input { get; } = MessagesInput.From(Body.Messages);

    public string? Instructions { get; } = Body.System is { Count: > 0 } system ? string.Join('\n', system.Select(s => s.Text)) : null;

    public ChatOptions Options { get; } = Body.ToOptions();

    public IReadOnlyList<AITool> Tools { get; } = [.. (Body.Tools ?? []).Select(t => t.ToTool())];

    /// <summary>Whether the answer shows the model's reasoning.</summary>
    public bool ShowsThinking => Body.Thinking is { IsOn: true };
}
