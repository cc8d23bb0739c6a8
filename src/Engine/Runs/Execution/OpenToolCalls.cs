using Microsoft.Extensions.AI;
using PluginHost.Engine.Calls;
using PluginHost.Engine.Chains;
using PluginHost.Engine.Chains.Tools;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Sessions.Admin;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Execution;

/// <summary>Finds the calls of the caller's tools that a session waits for, and checks an input against them. Stateless.</summary>
internal sealed class OpenToolCalls(PluginCaller caller)
{
    /// <summary>How many messages a session's last answer may have and still be read.</summary>
    private const int MaxTail = 1000;

    /// <summary>How many ids an error lists.</summary>
    private const int MaxListed = 100;

    /// <summary>The calls that the session's last answer left to the caller; looked up only when they matter.</summary>
    /// <exception cref="ProblemException">Results have no call, or calls have no result and must have one.</exception>
    public async ValueTask<IReadOnlyList<string>> FindAsync(RunContext run)
    {
        var (record, command) = (run.SessionRecord, run.Command);
        var (hasCalls, hasResults) = Look(run.Input);
        if (!hasResults && !command.RequireToolResults && record?.ServiceSessionId is null) return [];
        var open = record?.LastRunId is null
            ? ToolCallPairing.FindOpen(AfterLastUser(command.Earlier))
            : await LastAsync(run.Set.Store, record);
        if (record?.History is not null && record.ServiceSessionId is null && IsUncertain(run, record, open))
            open = ToolCallPairing.FindOpen(await TailAsync(run.Set, record));
        if (hasResults) CheckResults(run.Input, open);
        if (command.RequireToolResults && (hasCalls || open.Count > 0)) CheckAnswered(run.Input, open);
        return open;
    }

    /// <summary>The calls that the last answer of a session left to the caller.</summary>
    public static async ValueTask<IReadOnlyList<string>> LastAsync(SessionStoreClient store, SessionRecord record) => ToolCallPairing.FindOpen(await LastOutputAsync(store, record));

    private static ChatMessage[] AfterLastUser(IReadOnlyList<HistoryMessage> messages) =>
        [.. messages.Select(m => m.Message).Reverse().TakeWhile(m => m.Role != ChatRole.User).Reverse()];

    private static (bool HasCalls, bool HasResults) Look(IReadOnlyList<ChatMessage> input)
    {
        var (calls, results) = (false, false);
        for (var i = 0; i < input.Count; i++)
        {
            var contents = input[i].Contents;
            for (var j = 0; j < contents.Count; j++)
            {
                calls |= contents[j] is FunctionCallContent;
                results |= contents[j] is FunctionResultContent;
            }
        }

        return (calls, results);
    }

    /// <summary>Whether calls may have come or been answered outside the last run: in a fork, or among messages that were added.</summary>
    private static bool IsUncertain(RunContext run, SessionRecord record, IReadOnlyList<string> open)
    {
        if (run.Command.RequireToolResults) return run.Command.AfterRun is null || run.Command.AfterRun != record.LastRunId;
        var known = open.ToHashSet(StringComparer.Ordinal);
        return run.Input.SelectMany(m => m.Contents).OfType<FunctionResultContent>().Any(r => !known.Contains(r.CallId));
    }

    /// <summary>The output of the last run that did not fail: failed ones have changed nothing.</summary>
    private static async ValueTask<IReadOnlyList<ChatMessage>> LastOutputAsync(SessionStoreClient store, SessionRecord record)
    {
        var query = new RunQuery { Tenant = record.Key.Tenant, SessionId = record.Key.Id, Limit = 1, Order = ListOrder.Descending };
        while (true)
        {
            var page = await store.FindRunsAsync(query, CancellationToken.None);
            // Nor have those that have not ended.
            if (page.Items.FirstOrDefault(r => r.Status != RunStatus.Failed && r.CompletedAt is not null) is { } run) return run.Output;
            if (!page.HasMore) return [];
            // Failed runs are few, or many and without output.
            query = query with { After = page.Items[^1].Id, Limit = 20 };
        }
    }

    /// <summary>The messages of the session after the last one of a user.</summary>
    private async ValueTask<IReadOnlyList<ChatMessage>> TailAsync(ChainSet set, SessionRecord record)
    {
        var history = HistoryReader.For(set, record, caller);
        var tail = new List<ChatMessage>();
        string? late = null;
        var query = new HistoryQuery { Session = record.Key, Order = ListOrder.Descending, Limit = 20 };
        while (true)
        {
            var page = await history.LoadAsync(query, CancellationToken.None);
            foreach (var message in page.Items)
            {
                // Behind the output of its run, a message of the user is late input, which answers no call.
                if (message.Message.Role == ChatRole.User && message.RunId is not null && tail.Count == 0 && (late ?? message.RunId) == message.RunId)
                {
                    late = message.RunId;
                    continue;
                }

                if (message.Message.Role == ChatRole.User || tail.Count == MaxTail || (tail.Count == 0 && (late ?? message.RunId) != message.RunId)) return Forward(tail);
                tail.Add(CallsOnly(message.Message));
            }

            if (!page.HasMore || page.Items.Count == 0) return Forward(tail);
            query = query with { Before = page.Items[^1].Id, Limit = 200 };
        }
    }

    /// <summary>A message without what the pairing does not need: a tail of large messages must not stay in memory.</summary>
    private static ChatMessage CallsOnly(ChatMessage message) => new(
        message.Role,
        [.. message.Contents.Select(static AIContent? (c) => c is FunctionResultContent result ? new FunctionResultContent(result.CallId, null) : c as FunctionCallContent).OfType<AIContent>()]);

    /// <summary>Results in the input must answer calls of the input or open calls of the session.</summary>
    private static void CheckResults(IReadOnlyList<ChatMessage> input, IReadOnlyList<string> open)
    {
        var known = open.Concat(input.SelectMany(m => m.Contents).OfType<FunctionCallContent>().Select(c => c.CallId))
            .ToHashSet(StringComparer.Ordinal);
        var errors = new List<ProblemError>();
        string? allowed = null;
        for (var i = 0; i < input.Count; i++)
        {
            foreach (var result in input[i].Contents.OfType<FunctionResultContent>().Where(r => !known.Contains(r.CallId)))
            {
                allowed ??= known.Count == 0 ? "no call is open" : ListIds(known);
                errors.Add(new($"input[{i}].content", $"has a result for the call '{result.CallId}', which is not open", allowed));
                if (errors.Count == Problem.MaxErrors) throw ProblemException.Invalid(errors);
            }
        }

        if (errors.Count > 0) throw ProblemException.Invalid(errors);
    }

    /// <summary>Calls of the session and of the input must have their results in the input.</summary>
    private static void CheckAnswered(IReadOnlyList<ChatMessage> input, IReadOnlyList<string> open)
    {
        var waiting = new OpenCalls(open);
        foreach (var content in input.SelectMany(m => m.Contents)) waiting.Follow(content);
        if (waiting.Count == 0) return;
        var ids = waiting.ToList();
        throw new ProblemException(ProblemTypes.ToolResultMissing, $"No tool output found for function call {ListIds(ids)}.")
        {
            Errors = [new("input", $"has no result for the call {ListIds(ids.Select(id => $"'{id}'"))}", "a result for each open call")],
        };
    }

    private static string ListIds(IEnumerable<string> ids) => string.Join(", ", ids.Take(MaxListed));

    private static List<ChatMessage> Forward(List<ChatMessage> backward)
    {
        backward.Reverse();
        return backward;
    }
}
