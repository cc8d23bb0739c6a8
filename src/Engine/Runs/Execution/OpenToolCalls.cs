using Microsoft.Extensions.AI;
using PluginHost.Engine.Calls;
using PluginHost.Engine.Chains;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Runs.Admission;
using PluginHost.Engine.Runs.Live;
using PluginHost.Engine.Runs.Transcripts;
using PluginHost.Engine.Sessions.Admin;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Execution;

/// <summary>Finds the calls of the caller's tools that a session waits for, and checks an input against them. Stateless.</summary>
internal sealed class OpenToolCalls(PluginCaller calls)
{
    /// <summary>How many messages a session's last answer may have and still be read.</summary>
    private const int MaxTail = 1000;

    /// <summary>The calls that the session's last answer left to the caller; looked up only when somebody asks for them.</summary>
    /// <exception cref="ProblemException">400 when results have no call, or calls have no result and must have one.</exception>
    public async ValueTask<IReadOnlyList<string>> FindAsync(
        ChainSet set, SessionRecord? record, RunCommand command, IReadOnlyList<ChatMessage> input, CancellationToken cancellationToken)
    {
        var (hasCalls, hasResults) = Look(input);
        if (!hasResults && !command.RequireToolResults && record?.ServiceSessionId is null) return [];
        var open = record?.LastRunId is null
            ? command.Earlier.Count == 0 ? [] : OpenCalls.In([.. command.Earlier.Select(m => m.Message).Reverse().TakeWhile(m => m.Role != ChatRole.User).Reverse()])
            : OpenCalls.In(await LastOutputAsync(set.Store, record, cancellationToken));
        if (record?.History is not null && record.ServiceSessionId is null && IsDoubtful(record, command, input, open))
            open = OpenCalls.In(await TailAsync(set, record, cancellationToken));
        if (hasResults) RunCommandCheck.CheckToolResults(input, open);
        if (command.RequireToolResults && (hasCalls || open.Count > 0)) RunCommandCheck.CheckCallsAnswered(input, open);
        return open;
    }

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
    private static bool IsDoubtful(SessionRecord record, RunCommand command, IReadOnlyList<ChatMessage> input, IReadOnlyList<string> open)
    {
        if (command.RequireToolResults) return command.AfterRun is null || command.AfterRun != record.LastRunId;
        return input.SelectMany(m => m.Contents).OfType<FunctionResultContent>().Any(r => !open.Contains(r.CallId));
    }

    /// <summary>What the last run that did not fail put out: failed ones have changed nothing.</summary>
    private static async ValueTask<IReadOnlyList<ChatMessage>> LastOutputAsync(
        ISessionStore store, SessionRecord record, CancellationToken cancellationToken)
    {
        var query = new RunQuery(record.Key.Tenant) { SessionId = record.Key.Id, Limit = 20, Order = ListOrder.Descending };
        while (true)
        {
            var page = await store.FindRunsAsync(query, cancellationToken);
            if (page.Items.FirstOrDefault(r => r.Status != RunStatus.Failed) is { } run) return run.Output;
            if (!page.HasMore) return [];
            query = query with { After = page.Items[^1].Id };
        }
    }

    /// <summary>The messages of the session behind the last one of a user.</summary>
    private async ValueTask<IReadOnlyList<ChatMessage>> TailAsync(ChainSet set, SessionRecord record, CancellationToken cancellationToken)
    {
        var history = HistoryReader.Of(set, record, calls);
        var tail = new List<ChatMessage>();
        var query = new HistoryQuery(record.Key) { Order = ListOrder.Descending, Limit = 20 };
        while (true)
        {
            var page = await history.LoadAsync(query, cancellationToken);
            foreach (var message in page.Items)
            {
                if (message.Message.Role == ChatRole.User || tail.Count == MaxTail) return Forward(tail);
                tail.Add(message.Message);
            }

            if (!page.HasMore || page.Items.Count == 0) return Forward(tail);
            query = query with { Before = page.Items[^1].Id, Limit = 200 };
        }
    }

    private static List<ChatMessage> Forward(List<ChatMessage> backward)
    {
        backward.Reverse();
        return backward;
    }
}
