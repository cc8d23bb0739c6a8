using Microsoft.Extensions.AI;
using PluginHost.Engine.Calls;
using PluginHost.Engine.Chains;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Runs.Admission;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Completion;

/// <summary>What a history stores of a run: chosen by the run's outcome, its entry's flags and its place in the chain.</summary>
internal static class RunAppend
{
    /// <returns>Null when there is nothing to store.</returns>
    public static HistoryAppend? Of(RunInProgress run, ChainOutcome end, CompletionStep work)
    {
        var entry = work.Plugin.Entry;
        // With a settled service session the service is the one authority; audit histories go on.
        if (entry.Load && run.ServiceSessionAfter(end) is not null) return null;

        var record = run.Start.Handle.Record;
        var messages = new List<HistoryMessage>();
        var innermost = run.Scope.Deepest ?? work.Received;
        if (entry.StoreInput)
            Add(InputMessages.Of(entry.StoreInputAs == StoreInputAs.Received ? work.Received : innermost), MessagePart.Input);
        if (entry.StoreContext || entry.StoreContextFrom.Count > 0) AddContext(innermost.Context);
        if (entry.StoreOutput && end.Outcome != RunOutcome.Failed) Add(work.GetResponse(run.Scope).Messages, MessagePart.Output);
        if (messages.Count == 0) return null;
        return new HistoryAppend(record.Session, messages)
        {
            RunId = record.Id,
            Attempt = record.Attempt,
            Agent = record.Agent,
            Outcome = end.Outcome,
            ErrorType = end.Error?.Type,
            CreatedAt = run.Scope.EndedAt,
        };

        void AddContext(IReadOnlyList<ContextMessage> context)
        {
            for (var i = 0; i < context.Count; i++)
            {
                if (context[i].Part == MessagePart.Context && entry.Stores(context[i].Source))
                    AddOne(context[i].Message, MessagePart.Context, context[i].Source);
            }
        }

        void Add(IReadOnlyList<ChatMessage> added, MessagePart part)
        {
            for (var i = 0; i < added.Count; i++) AddOne(added[i], part, source: null);
        }

        void AddOne(ChatMessage message, MessagePart part, string? source) => messages.Add(
            new HistoryMessage(IdGenerator.Message(record.Id, record.Attempt, messages.Count), part, message)
            {
                Source = source,
                RunId = record.Id,
                Agent = record.Agent,
                Outcome = end.Outcome,
                ErrorType = end.Error?.Type,
                CreatedAt = run.Scope.EndedAt,
            });
    }
}
