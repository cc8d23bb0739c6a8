using Microsoft.Extensions.AI;
using PluginHost.Engine.Runs.Live;

namespace PluginHost.Engine.Runs.Journal;

/// <summary>One step in the journal of a run. A new kind is a record here and its form in <see cref="JournalDocument"/>. Immutable.</summary>
internal abstract record JournalEntry
{
    private JournalEntry()
    {
    }

    /// <summary>What was asked: always the first step.</summary>
    public sealed record Command(RunCommand Value) : JournalEntry;

    /// <summary>An attempt begins.</summary>
    /// <param name="Number">The attempt, from 1.</param>
    /// <param name="TraceParent">Its traceparent, to which the next attempt links; null when it is not traced.</param>
    public sealed record Attempt(int Number, string? TraceParent) : JournalEntry;

    /// <summary>A complete answer of the model that calls tools of the host, as the tool loop got it.</summary>
    /// <param name="Number">Which call of the model it answers, from 0.</param>
    /// <param name="Updates">The updates.</param>
    public sealed record Answer(int Number, IReadOnlyList<ChatResponseUpdate> Updates) : JournalEntry;

    /// <summary>A call of a tool is dispatched.</summary>
    public sealed record Call(CallPlace Place, string Id, string Tool) : JournalEntry;

    /// <summary>A call of a tool has ended.</summary>
    /// <param name="Place">Which call.</param>
    /// <param name="Value">The result; null when the tool failed.</param>
    /// <param name="HasFailed">Whether the tool failed, which the model learned.</param>
    public sealed record Result(CallPlace Place, FunctionResultContent Value, bool HasFailed) : JournalEntry;

    /// <summary>Output that was delivered to the caller.</summary>
    /// <param name="First">The position of the first update among all updates of the run.</param>
    /// <param name="Updates">The updates.</param>
    public sealed record Output(int First, IReadOnlyList<ChatResponseUpdate> Updates) : JournalEntry;

    /// <summary>Messages that a caller gave to the run while it was in progress. An answer that has them in it has taken them.</summary>
    public sealed record Input(RunInput Value) : JournalEntry;

    /// <summary>A call that needs an approval was approved or refused.</summary>
    /// <param name="Approval">The id of the approval.</param>
    /// <param name="IsApproved">Whether the call is made.</param>
    /// <param name="Reason">The reason that the model gets with a refusal; null for none.</param>
    public sealed record Decision(string Approval, bool IsApproved, string? Reason) : JournalEntry;

    /// <summary>A tool is called without a record, because a step could not be written. A later attempt could call it again, so there is none.</summary>
    public sealed record Incomplete : JournalEntry;

    /// <summary>The run was cancelled while it waited. Its next attempt only ends it.</summary>
    public sealed record Cancelled : JournalEntry;

    /// <summary>The host stopped and left the run to the next one, or the run waits for approvals. All output that was delivered is in the journal.</summary>
    public sealed record Left : JournalEntry;
}

/// <summary>The place of a tool call in its run, the same in every attempt that reuses the model's answer.</summary>
/// <param name="Answer">The number of the model's answer, from 0.</param>
/// <param name="Index">The position among the calls of that answer.</param>
internal readonly record struct CallPlace(int Answer, int Index);
