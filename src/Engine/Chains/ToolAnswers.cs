using System.Collections.Concurrent;
using Microsoft.Extensions.AI;

namespace PluginHost.Engine.Chains;

/// <summary>The results of the tool calls that have finished in a run. Thread-safe: tools may run side by side.</summary>
internal sealed class ToolAnswers
{
    private ConcurrentDictionary<string, object?>? _results;

    public void Add(string callId, object? result) =>
        (_results ?? Interlocked.CompareExchange(ref _results, new(StringComparer.Ordinal), null) ?? _results)[callId] = result;

    /// <summary>A call begins that may have the id of an earlier one.</summary>
    public void Forget(string callId) => _results?.TryRemove(callId, out _);

    /// <summary>
    /// Answers for calls in the updates that have none: the result of a call that finished, and a statement for one
    /// that did not. Calls of the caller's tools stay open.
    /// </summary>
    /// <param name="updates">What was written so far.</param>
    /// <param name="isCallers">Whether a tool is the caller's.</param>
    /// <param name="statement">What to say of calls without a result.</param>
    /// <returns>The answers in the order of the calls.</returns>
    public List<AIContent> Complete(IEnumerable<ChatResponseUpdate> updates, Func<string, bool> isCallers, string statement)
    {
        var (open, answered) = (new List<FunctionCallContent>(), new HashSet<string>(StringComparer.Ordinal));
        foreach (var content in updates.SelectMany(u => u.Contents).Reverse())
        {
            if (content is FunctionResultContent result) answered.Add(result.CallId);
            else if (content is FunctionCallContent call && !isCallers(call.Name) && !answered.Contains(call.CallId)) open.Add(call);
        }

        open.Reverse();
        return open.ConvertAll(AIContent (call) =>
            new FunctionResultContent(call.CallId, _results?.TryGetValue(call.CallId, out var result) == true ? result : statement));
    }
}
