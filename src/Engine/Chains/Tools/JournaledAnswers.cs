using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Runs.Journal;

namespace PluginHost.Engine.Chains.Tools;

/// <summary>
/// Sits between the tool loop and everything around the model: answers from the journal as long as it has answers, and records each
/// answer that calls a tool of the host. For one run.
/// </summary>
internal sealed class JournaledAnswers(IChatClient inner, RunContext run, ToolSet tools) : DelegatingChatClient(inner)
{
    private int _next;

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var number = run.AnswerNumber = _next++;
        if (run.Journal!.Recorded is { } recorded && number < recorded.Answers.Count)
        {
            foreach (var update in recorded.Answers[number]) yield return update;
            yield break;
        }

        if (run.LostReason is { } reason) throw new HostLostException(reason);
        List<ChatResponseUpdate>? answer = null;
        var hasCalls = false;
        await foreach (var update in base.GetStreamingResponseAsync(messages, options, cancellationToken))
        {
            (answer ??= []).Add(update);
            hasCalls |= HasCalls(update);
            yield return update;
        }

        if (!hasCalls) yield break;
        run.OpenJournal();
        // Written with the first call: an answer that nothing followed may be asked for again.
        run.Journal.Add(new JournalEntry.Answer(number, answer!));
    }

    private bool HasCalls(ChatResponseUpdate update)
    {
        for (var i = 0; i < update.Contents.Count; i++)
        {
            if (update.Contents[i] is FunctionCallContent call && !tools.IsCallers(call.Name)) return true;
        }

        return false;
    }
}
