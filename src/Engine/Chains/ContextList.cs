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
/// <param name="opener">The id of a message that stays when others are left out; null for none.</param>
/// <param name="isLoaded">Whether a history loaded the page. A stateless run brings its own, which belongs to no session.</param>
internal sealed class ContextList(
    IReadOnlyList<ContextMessage> before, IReadOnlyList<HistoryMessage> loaded, string source, string? opener = null, bool isLoaded = true)
    : IReadOnlyList<ContextMessage>
{
    public int Count => before.Count + loaded.Count;

    public ContextMessage this[int index] =>
        index < before.Count ? before[index] : Map(loaded[index - before.Count]);

    public IEnumerator<ContextMessage> GetEnumerator()
    {
        foreach (var message in before) yield return message;
        foreach (var message in loaded) yield return Map(message);
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    // A stored context message is history by now; only what a context provider gives in this run is context.
    private ContextMessage Map(HistoryMessage message) =>
        new()
        {
            Message = ToolResult.In(message.Message),
            Source = source,
            Id = isLoaded ? message.Id : null,
            IsKept = message.Id == opener || PinMark.Is(message.Message),
            Origin = message.Origin == MessageOrigin.Context ? MessageOrigin.Input : message.Origin,
        };
}
