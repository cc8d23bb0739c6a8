using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;
using PluginHost.Engine.Runs.Journal;

namespace PluginHost.Engine.Chains.Tools;

/// <summary>Lets a call pass that needs no approval or has one, refuses it, or lets the run ask for an approval.</summary>
internal static class CallApproval
{
    /// <summary>What the model gets of a call that needs an approval in a run that cannot wait for one.</summary>
    public const string NotPossible = "The call was refused: it needs the approval of a person, which cannot be asked for here.";

    /// <summary>The id of the approval of a call: it names the run, and depends on the call and its arguments.</summary>
    public static string IdOf(FunctionInvocationContext context, RunContext run) => ApprovalIds.FromCallKey(JournaledCalls.KeyOf(context, run));

    /// <summary>What the model gets of a refused call.</summary>
    public static string Refusal(string? reason) => string.IsNullOrEmpty(reason) ? "The call was refused." : $"The call was refused: {reason}";

    /// <returns>What the loop gets instead of a result: an <see cref="UndecidedCall"/> when the run has to wait; null when the call may be made.</returns>
    public static object? Answer(FunctionInvocationContext context, RunContext run, ToolSet tools, string? source)
    {
        var recorded = run.Journal?.Recorded;
        var isNeeded = tools.NeedsApproval(context.Function.Name);
        if (!isNeeded && recorded is not { Decisions.Count: > 0 }) return null;
        var id = IdOf(context, run);
        // A decision counts also when the configuration does not ask for it any more.
        if (recorded?.Decisions.GetValueOrDefault(id) is { } decision) return decision.IsApproved ? null : Refusal(decision.Reason);
        if (!isNeeded || recorded?.Calls.GetValueOrDefault(new CallPlace(run.AnswerNumber, context.FunctionCallIndex)) is { Result: not null }) return null;
        if (run.OnlyEnds) return JournaledCalls.NotMade;
        if (!run.CanPark) return NotPossible;
        run.Request(ApprovalContent.Request(id, context.CallContent, source, context.Function.AdditionalProperties));
        return UndecidedCall.Instance;
    }
}

/// <summary>The result that the loop gets of a call without a decision; it never leaves the host.</summary>
internal sealed class UndecidedCall
{
    public static readonly UndecidedCall Instance = new();

    private UndecidedCall()
    {
    }
}
