using System.Collections;
using PluginHost.Engine.Messages;
using PluginHost.Sdk;

namespace PluginHost.Engine.Chains;

/// <summary>
/// Context messages without copying: what there was before, then a page of a history, seen through. A run's cost must not grow
/// with what it carries.
/// </summary>
/// <param name="before">What there was before.</param>
/// <param name="loaded">The page.</param>
/// <param name="source">The source id of the history.</param>
internal sealed class ContextList(IReadOnlyList<ContextMessage> before, IReadOnlyList<HistoryMessage> loaded, string source)
    : IReadOnlyList<ContextMessage>
{
    private readonly IReadOnlyList<ContextMessage> _before = before;

    /// <summary>The id of a message that stays when others are left out; null for none.</summary>
    public string? Opener { get; init; }

    /// <summary>Whether a history loaded the page. A stateless run brings its own, which belongs to no session.</summary>
    public bool IsLoaded { get; init; } = true;

    /// <summary>What the page weighs, by an estimate; null when it was not weighed.</summary>
    public long? LoadedWeight { get; init; }

    public int Count => _before.Count + loaded.Count;

    public ContextMessage this[int index] =>
        index < _before.Count ? _before[index] : Map(loaded[index - _before.Count]);

    public IEnumerator<ContextMessage> GetEnumerator()
    {
        foreach (var message in _before) yield return message;
        foreach (var message in loaded) yield return Map(message);
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>What a context weighs, by an estimate that was made when it was loaded.</summary>
    /// <returns>Null when it was not weighed, or is no longer what was loaded.</returns>
    public static long? WeightOf(IReadOnlyList<ContextMessage> context) => context switch
    {
        { Count: 0 } => 0,
        ContextList list => list.LoadedWeight + WeightOf(list._before),
        _ => null,
    };

    // A stored context message is history by now; only what a context provider gives in this run is context.
    private ContextMessage Map(HistoryMessage message) =>
        new()
        {
            Message = ToolResult.In(message.Message),
            Source = source,
            Id = IsLoaded ? message.Id : null,
            // A plugin cannot read a compaction item, and must not leave out what it holds.
            IsKept = message.Id == Opener || message.IsPinned || CompactionItem.IsIn(message.Message),
            Origin = message.Origin == MessageOrigin.Context ? MessageOrigin.Input : message.Origin,
        };
}
