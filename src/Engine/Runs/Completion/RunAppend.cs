using Microsoft.Extensions.AI;
using PluginHost.Engine.Calls;
using PluginHost.Engine.Chains;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Runs.Live;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Completion;

/// <summary>What a history stores of a run: chosen by the run's outcome, its entry's flags and its place in the chain.</summary>
internal static class RunAppend
{
    /// <returns>Null when there is nothing to store.</returns>
    public static HistoryAppend? Create(RunContext run, CompletionStep step)
    {
        var entry = step.Plugin.Entry;
        var settings = entry.Host;
        // With a settled service session the service is the one authority; audit histories still store.
        if (settings.Load && run.FinalServiceSessionId() is not null) return null;

        var (record, outcome) = (run.Record, run.Outcome);
        var messages = new List<HistoryMessage>();
        var innermost = run.InnermostRequest ?? step.Received;
        if (settings.StoreInput)
            Add(InputMessages.In(settings.StoreInputAs == StoreInputAs.Received ? step.Received : innermost), MessageOrigin.Input);
        if (settings.StoreContext || settings.StoreContextFrom.Count > 0) AddContext(innermost.Context);
        AddOutput(step.ResponseIn(run).Messages);
        if (settings.StoreInput) Add(run.LateInput, MessageOrigin.Input);
        if (messages.Count == 0) return null;
        return new HistoryAppend
        {
            Session = record.Session,
            Messages = messages,
            RunId = record.Id,
            Attempt = record.Attempt,
            Agent = record.Agent,
            Outcome = outcome.Outcome,
            ErrorType = outcome.Error?.Type,
            CreatedAt = run.EndedAt,
        };

        void AddContext(IReadOnlyList<ContextMessage> context)
        {
            for (var i = 0; i < context.Count; i++)
            {
                if (context[i].Origin == MessageOrigin.Context && entry.Stores(context[i].Source))
                    AddOne(context[i].Message, MessageOrigin.Context, context[i].Source);
            }
        }

        // Messages of the user in the output are input that the run was given while it was in progress.
        void AddOutput(IReadOnlyList<ChatMessage> output)
        {
            var storesOutput = settings.StoreOutput && outcome.KeepsOutput;
            for (var i = 0; i < output.Count; i++)
            {
                var isInput = output[i].Role == ChatRole.User;
                if (isInput ? settings.StoreInput : storesOutput) AddOne(output[i], isInput ? MessageOrigin.Input : MessageOrigin.Output, source: null);
            }
        }

        void Add(IReadOnlyList<ChatMessage> added, MessageOrigin part)
        {
            for (var i = 0; i < added.Count; i++) AddOne(added[i], part, source: null);
        }

        void AddOne(ChatMessage message, MessageOrigin part, string? source) => messages.Add(
            new HistoryMessage
            {
                Id = IdGenerator.Message(record.Id, record.Attempt, messages.Count),
                Origin = part,
                Message = message,
                Source = source,
                RunId = record.Id,
                Agent = record.Agent,
                Outcome = outcome.Outcome,
                ErrorType = outcome.Error?.Type,
                CreatedAt = run.EndedAt,
            });
    }
}
