using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Messages;
using PluginHost.Engine.Runs.Journal;
using PluginHost.Sdk;

namespace PluginHost.Engine.Chains.Tools;

/// <summary>Makes each call of a tool once, over all attempts of its run: recorded before it is dispatched, and its result when it has one.</summary>
internal static class JournaledCalls
{
    /// <summary>What the model gets instead of a result when a call may have had its effect.</summary>
    public const string OutcomeUnknown =
        "outcome unknown: the process that made this call ended before its result arrived. The call may have had its effect. Check that before you make it again.";

    /// <summary>What the model gets of a call that was never made.</summary>
    public const string NotMade = "The call was not made: the run ended before it.";

    /// <summary>The key of a call: the same in every attempt that reuses the model's answer.</summary>
    public static string KeyOf(FunctionInvocationContext context, RunContext run)
    {
        var call = context.CallContent;
        var identity = $"{run.AnswerNumber}:{context.FunctionCallIndex}:{call.CallId.Length}:{call.CallId}{call.Name}:{CallArguments.ToText(call)}";
        return $"{run.Record.Id}.{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(identity)).AsSpan(0, 8))}";
    }

    /// <summary>Makes a call, unless the journal has it.</summary>
    /// <param name="context">The call.</param>
    /// <param name="run">The run.</param>
    /// <param name="invoke">Invokes the tool.</param>
    /// <param name="notMade">Called instead when an earlier attempt made the call: whether the journal has its result.</param>
    /// <exception cref="JournalFailure">The journal cannot be written; the tool was not invoked.</exception>
    /// <exception cref="RecordedToolException">The tool failed in an earlier attempt.</exception>
    public static async ValueTask<object?> InvokeAsync(
        FunctionInvocationContext context, RunContext run, Func<ValueTask<object?>> invoke, Action<bool> notMade)
    {
        if (run.Journal is not { } journal) return await invoke();
        var (place, call) = (new CallPlace(run.AnswerNumber, context.FunctionCallIndex), context.CallContent);
        var recorded = journal.Recorded?.Calls.GetValueOrDefault(place);
        if (recorded?.Result is { } result)
        {
            notMade(true);
            return result.HasFailed ? throw new RecordedToolException() : result.Value.Result;
        }

        // A journal that misses calls does not say that this one was not made.
        if (run.OnlyEnds && recorded is null) return journal.Recorded is { IsIncomplete: true } ? OutcomeUnknown : NotMade;
        if (recorded is not null && (run.OnlyEnds || !IsRepeatable(context.Function)))
        {
            notMade(false);
            if (!run.OnlyEnds) Record(OutcomeUnknown, hasFailed: false);
            return OutcomeUnknown;
        }

        if (recorded is null) await RecordCallAsync(journal, new JournalEntry.Call(place, call.CallId, call.Name));
        try
        {
            var value = await invoke();
            // A call that refused the run ends it, and has no result.
            if (run.LoopError is null) Record(value, hasFailed: false);
            return value;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Record(null, hasFailed: true);
            throw;
        }

        // Written beside what follows: the next call waits for it.
        void Record(object? value, bool hasFailed)
        {
            journal.Add(new JournalEntry.Result(place, new FunctionResultContent(call.CallId, value), hasFailed));
            _ = journal.TryFlushAsync();
        }
    }

    private static async ValueTask RecordCallAsync(RunJournal journal, JournalEntry.Call call)
    {
        journal.AddCall(call);
        try
        {
            await journal.FlushAsync();
        }
        catch (Exception e)
        {
            throw new JournalFailure(e);
        }
    }

    private static bool IsRepeatable(AIFunction function) =>
        function.UnderlyingMethod?.IsDefined(typeof(RepeatableToolAttribute), inherit: true) == true
        || (function.AdditionalProperties.TryGetValue(RepeatableToolAttribute.Property, out var value) && value is true or JsonElement { ValueKind: JsonValueKind.True });
}

/// <summary>A tool failed in an earlier attempt; the tool loop tells the model again.</summary>
internal sealed class RecordedToolException() : Exception("The tool failed in an earlier attempt of the run.");
