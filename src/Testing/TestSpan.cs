namespace PluginHost.Sdk.Testing;

/// <summary>What the host did in a run, as a span of the run's trace shows it.</summary>
public sealed record TestSpan
{
    /// <summary>The operation: <c>context.provide</c>, <c>history.load</c>, <c>middleware</c>, <c>execute_tool</c>, <c>chat</c> and so on.</summary>
    public required string Name { get; init; }

    /// <summary>The source id of the plugin that was called; null when none was.</summary>
    public string? Plugin { get; init; }

    /// <summary>The tool that was called; null for other operations.</summary>
    public string? Tool { get; init; }

    /// <summary>The operation around this one; null for the outermost one.</summary>
    public TestSpan? Parent { get; init; }

    /// <summary>The low-cardinality type of its error; null when it had none.</summary>
    public string? ErrorType { get; internal set; }

    /// <summary>Whether the run continued without the plugin.</summary>
    public bool Skipped { get; internal set; }

    /// <summary>How many messages were loaded, stored or contributed; null when the operation has none.</summary>
    public int? Messages { get; internal set; }

    /// <inheritdoc/>
    public override string ToString() => string.Join(' ', new[] { Name, Plugin, Tool, ErrorType }.Where(part => part is not null));
}
