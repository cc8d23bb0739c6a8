namespace PluginHost.Sdk;

/// <summary>One write to the journal of a run. Immutable.</summary>
public sealed record JournalWrite
{
    /// <summary>The session of the run.</summary>
    public required SessionKey Session { get; init; }

    /// <summary>The id of the run.</summary>
    public required string RunId { get; init; }

    /// <summary>
    /// The record of the run, which replaces the one that was written before. Its status is queued, running or requires action. Required in
    /// the first write of a run; null later when it has not changed.
    /// </summary>
    public RunRecord? Run { get; init; }

    /// <summary>A session to create in the same commit, with version 1; null when the session exists.</summary>
    public SessionRecord? NewSession { get; init; }

    /// <summary>
    /// The position of the first of <see cref="Steps"/>, which is the number of steps before it. Steps that the journal has at these
    /// positions and after them are replaced, so that a write may be repeated. Without effect when there are no steps to add. Default: 0.
    /// </summary>
    public int FirstStep { get; init; }

    /// <summary>The steps to add, in order: documents of the host, UTF-8 JSON without line feeds, opaque to the store.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Steps { get; init; } = [];

    /// <summary>Session, run and number of steps: content does not belong into logs.</summary>
    public override string ToString() => $"JournalWrite {Session.Id} run {RunId}, {Steps.Count} steps from {FirstStep}";
}

/// <summary>A step in the journal of a run. Immutable.</summary>
/// <param name="Position">Its position, which rises by one with each step, from 0.</param>
/// <param name="Document">The document as it was written.</param>
public readonly record struct JournalStep(int Position, ReadOnlyMemory<byte> Document)
{
    /// <summary>The position: content does not belong into logs.</summary>
    public override string ToString() => $"JournalStep {Position}";
}
