using Microsoft.Extensions.AI;
using PluginHost.Engine.Runs.Live;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Journal;

/// <summary>What the journal of a run has recorded. Read once, when a later process takes the run over.</summary>
internal sealed class RecordedRun
{
    private readonly Dictionary<CallPlace, RecordedCall> _calls = [];
    private readonly Dictionary<string, JournalEntry.Decision> _decisions = new(StringComparer.Ordinal);
    private readonly List<IReadOnlyList<ChatResponseUpdate>> _answers = [];
    private readonly List<ChatResponseUpdate> _delivered = [];
    private readonly SortedDictionary<int, RunInput> _inputs = [];
    private bool _wasLeft;

    /// <summary>What was asked.</summary>
    public RunCommand Command { get; private set; } = null!;

    /// <summary>How many steps there are.</summary>
    public int Steps { get; private set; }

    /// <summary>The traceparent of the last attempt; null when it was not traced.</summary>
    public string? TraceParent { get; private set; }

    /// <summary>Whether the run had its turn already.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>How many attempts were lost with their process.</summary>
    public int LostAttempts { get; private set; }

    /// <summary>Whether the last process left the run in order, so that no delivered output is missing.</summary>
    public bool WasLeft => _wasLeft;

    /// <summary>The answers of the model that called tools, in order.</summary>
    public IReadOnlyList<IReadOnlyList<ChatResponseUpdate>> Answers => _answers;

    /// <summary>The calls of tools that were dispatched.</summary>
    public IReadOnlyDictionary<CallPlace, RecordedCall> Calls => _calls;

    /// <summary>The decisions on calls that need an approval, by the id of the approval.</summary>
    public IReadOnlyDictionary<string, JournalEntry.Decision> Decisions => _decisions;

    /// <summary>Whether the run was parked and has been decided since, and no attempt has begun after that.</summary>
    public bool IsDecided { get; private set; }

    /// <summary>Whether tools were called that the journal does not have.</summary>
    public bool IsIncomplete { get; private set; }

    /// <summary>Whether the run was cancelled while it waited, and only has to end.</summary>
    public bool IsCancelled { get; private set; }

    /// <summary>Whether the run continues without its caller: in the background, and after it was parked.</summary>
    public bool IsDetached => Command.Background || _decisions.Count > 0;

    /// <summary>The output that callers may have received.</summary>
    public IReadOnlyList<ChatResponseUpdate> Delivered => _delivered;

    /// <summary>What callers have given to the run, in the order in which it was accepted.</summary>
    public IReadOnlyCollection<RunInput> Inputs => _inputs.Values;

    /// <summary>The ids of the given messages that recorded answers have taken.</summary>
    public IReadOnlySet<string> TakenInput() =>
        _answers.SelectMany(a => a).Where(u => u.Role == ChatRole.User).Select(u => u.MessageId).OfType<string>().ToHashSet(StringComparer.Ordinal);

    /// <exception cref="JournalException">A step cannot be read, or is of a kind that this version does not know.</exception>
    public static RecordedRun Read(IReadOnlyList<JournalStep> steps)
    {
        if (steps.Count == 0) throw new JournalException("The journal of the run has no steps.");
        var run = new RecordedRun { Steps = steps.Count };
        for (var i = 0; i < steps.Count; i++)
        {
            var entry = JournalDocument.Read(steps[i]);
            var isMisplaced = (i == 0) != entry is JournalEntry.Command
                || (entry is JournalEntry.Answer { Number: var number } && (number < 0 || number > run._answers.Count));
            if (isMisplaced) throw new JournalException($"Step {i} of the journal cannot be there.");
            run.Add(entry);
        }

        return run;
    }

    private void Add(JournalEntry entry)
    {
        switch (entry)
        {
            case JournalEntry.Command command:
                Command = command.Value;
                break;
            case JournalEntry.Attempt attempt:
                TraceParent = attempt.TraceParent;
                LostAttempts++;
                HasBegun = true;
                _wasLeft = IsDecided = false;
                break;
            case JournalEntry.Left:
                // One that was left before it began, or once more before it continued, has no attempt to take back.
                if (HasBegun && !_wasLeft) LostAttempts--;
                _wasLeft = true;
                break;
            case JournalEntry.Decision decision:
                _decisions[decision.Approval] = decision;
                IsDecided = true;
                break;
            case JournalEntry.Cancelled:
                IsCancelled = true;
                break;
            case JournalEntry.Incomplete:
                IsIncomplete = true;
                break;
            case JournalEntry.Answer answer:
                _answers.RemoveRange(answer.Number, _answers.Count - answer.Number);
                _answers.Add(answer.Updates);
                break;
            case JournalEntry.Call call:
                _calls[call.Place] = new RecordedCall(call.Tool, Result: null);
                break;
            case JournalEntry.Result result:
                _calls[result.Place] = (_calls.GetValueOrDefault(result.Place) ?? new RecordedCall("", null)) with { Result = result };
                break;
            case JournalEntry.Input input:
                // A write that failed may have come twice.
                _inputs[input.Value.First] = input.Value;
                break;
            case JournalEntry.Output output:
                _delivered.AddRange(output.Updates);
                break;
        }
    }
}

/// <summary>A call of a tool that was dispatched.</summary>
/// <param name="Tool">The name of the tool.</param>
/// <param name="Result">How it ended; null when that is not known.</param>
internal sealed record RecordedCall(string Tool, JournalEntry.Result? Result);
