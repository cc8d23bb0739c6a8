using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Runs.Journal;
using PluginHost.Engine.Runs.Live;

namespace PluginHost.Engine.Chains.Tools;

/// <summary>
/// Sits between the tool loop and everything around the model: answers from the journal as long as it has answers, and records each one
/// that something follows. With a call the model gets what callers have given to the run since the last one; when some came during a call
/// that no tool follows, the model is called once more. For one run.
/// </summary>
internal sealed class ModelAnswers(IChatClient inner, RunContext run, ToolSet tools, bool hasLoop, HostObserver observer) : DelegatingChatClient(inner)
{
    private readonly IReadOnlyList<IReadOnlyList<ChatResponseUpdate>> _recorded = run.Journal?.Recorded?.Answers ?? [];
    private readonly RunInbox _inbox = run.Handle.Inbox;
    private int _next;

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var number = run.AnswerNumber = _next++;
            if (number < _recorded.Count)
            {
                var known = _recorded[number];
                foreach (var update in known) yield return update;
                if (HasOpenCalls(known)) yield break;
                (messages, options) = Continue(messages, options, known);
                continue;
            }

            // The run is parked when the loop has ended.
            if (run.Requests.Count > 0) yield break;
            if (run.EndsCancelled)
            {
                run.Handle.Cancel();
                throw new OperationCanceledException(run.Handle.Cancellation);
            }

            if (run.LostReason is { } reason) throw new HostLostException(reason);
            var given = _inbox.Take();
            // A part of the answer, so that the tool loop, callers and histories get it in its place.
            List<ChatResponseUpdate> answer = [.. given.Select(RunInput.ToUpdate)];
            foreach (var update in answer.ToArray()) yield return update;
            var asked = given.Count == 0 ? messages : [.. messages, .. given];
            asked = run.Recorder?.Ask(asked, options, given) ?? asked;
            await foreach (var update in base.GetStreamingResponseAsync(asked, options, cancellationToken))
            {
                answer.Add(update);
                yield return update;
            }

            if (hasLoop && observer.Observes(run.Observed)) ObserveUnknown(answer);
            // The tool loop answers the calls and comes back, or ends on those of the caller.
            var isLast = HasOpenCalls(answer) || _inbox.TryClose();
            if (!isLast || (hasLoop && CallsHost(answer))) Record(number, answer);
            if (isLast) yield break;
            (messages, options) = Continue(messages, options, answer);
        }
    }

    /// <summary>Written with what follows: an answer that nothing followed may be asked for again.</summary>
    private void Record(int number, List<ChatResponseUpdate> answer)
    {
        run.OpenJournal();
        run.Journal?.Add(new JournalEntry.Answer(number, answer));
    }

    /// <summary>A service that holds the session has the messages and the answer already.</summary>
    private static (IEnumerable<ChatMessage> Messages, ChatOptions? Options) Continue(
        IEnumerable<ChatMessage> messages, ChatOptions? options, IReadOnlyList<ChatResponseUpdate> answer)
    {
        var service = answer.LastOrDefault(static u => u.ConversationId is not null)?.ConversationId ?? options?.ConversationId;
        if (service is null) return ([.. messages, .. answer.ToChatResponse().Messages], options);
        options = options?.Clone() ?? new ChatOptions();
        options.ConversationId = service;
        return ([], options);
    }

    /// <summary>Whether the answer has calls that the model's service has not answered itself.</summary>
    private static bool HasOpenCalls(IReadOnlyList<ChatResponseUpdate> answer)
    {
        OpenCalls? open = null;
        for (var i = 0; i < answer.Count; i++)
        {
            var contents = answer[i].Contents;
            for (var j = 0; j < contents.Count; j++)
            {
                if (contents[j] is FunctionCallContent) open ??= new OpenCalls([]);
                open?.Follow(contents[j]);
            }
        }

        return open is { Count: > 0 };
    }

    /// <summary>The loop answers calls of tools that do not exist by itself. Their names are the model's own, so telemetry has none of them.</summary>
    private void ObserveUnknown(List<ChatResponseUpdate> answer)
    {
        foreach (var update in answer)
        {
            foreach (var content in update.Contents)
            {
                if (content is not FunctionCallContent call || tools.IsKnown(call.Name) || IsAnswered(answer, call.CallId)) continue;
                var operation = new ObservedOperation(HostOperation.ToolCall) { Run = run.Observed, Tool = new(ObservedTool.Unknown, "", call.CallId) };
                observer.End(observer.Begin(operation), operation, ObservedEnd.ToolFailed);
            }
        }
    }

    /// <summary>Whether the model's service has made the call itself.</summary>
    private static bool IsAnswered(List<ChatResponseUpdate> answer, string callId) =>
        answer.Exists(u => u.Contents.Any(c => c is FunctionResultContent result && result.CallId == callId));

    private bool CallsHost(List<ChatResponseUpdate> answer) =>
        answer.Exists(u => u.Contents.Any(c => c is FunctionCallContent call && !tools.IsCallers(call.Name)));
}
