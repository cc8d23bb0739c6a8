using System.Text.Json;

namespace PluginHost.Sdk.Testing;

/// <summary>A run that has ended, with everything that it did. Immutable.</summary>
public sealed record TestRun
{
    /// <summary>The text of the answer, as the caller got it.</summary>
    public required string Text { get; init; }

    /// <summary>How the run ended.</summary>
    public required RunOutcome Outcome { get; init; }

    /// <summary>The type of the error of a failed run, for example <c>plugin_error</c>; null for others.</summary>
    public string? ErrorType { get; init; }

    /// <summary>The message of that error; null when there was none.</summary>
    public string? ErrorMessage { get; init; }

    /// <summary>The source ids of the plugins that failed and that the run continued without.</summary>
    public IReadOnlyList<string> Skipped { get; init; } = [];

    /// <summary>The pieces of the answer as they were delivered; empty unless the run was streamed.</summary>
    public IReadOnlyList<ChatResponseUpdate> Updates { get; init; } = [];

    /// <summary>What the scripted model was sent in this run; empty for another model.</summary>
    public IReadOnlyList<ModelRequest> Requests { get; init; } = [];

    /// <summary>What the history holds of the session after the run, oldest first.</summary>
    public IReadOnlyList<ChatMessage> Stored { get; init; } = [];

    /// <summary>The state of the session after the run, by the plugins' source ids.</summary>
    public IReadOnlyDictionary<string, JsonElement> State { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>What the host logged during the run. What a plugin logs is in its <see cref="TestPluginContext.Logs"/>.</summary>
    public IReadOnlyList<TestLogEntry> Logs { get; init; } = [];

    /// <summary>What the host did, in the order in which it began.</summary>
    public IReadOnlyList<TestSpan> Spans { get; init; } = [];
}
