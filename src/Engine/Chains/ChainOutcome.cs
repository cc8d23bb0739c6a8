using PluginHost.Engine.Errors;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Sdk;

namespace PluginHost.Engine.Chains;

/// <summary>How a run's chain ended.</summary>
internal sealed record ChainOutcome(RunOutcome Outcome, RunError? Error)
{
    public static readonly ChainOutcome Completed = new(RunOutcome.Completed, null);

    public static readonly ChainOutcome Cancelled = new(RunOutcome.Cancelled, null);

    /// <summary>What callers do not see of the cause, for the log; null for nothing.</summary>
    public string? Details { get; private init; }

    /// <summary>Whether the exception is a defect worth its stack in the log, and not a failing model or store.</summary>
    public bool ShowsStack { get; init; }

    /// <summary>Whether the run ended because the process that ran it was lost.</summary>
    public bool IsHostLost => Error?.Type == ErrorTypes.HostLost;

    /// <summary>Whether output is stored. A failed run keeps its input alone; of a lost one the steps are kept, because a tool may have acted.</summary>
    public bool KeepsOutput => Outcome != RunOutcome.Failed || IsHostLost;

    public static ChainOutcome Failed(string type, string message) => new(RunOutcome.Failed, new RunError { Type = type, Message = message });

    public static ChainOutcome From(Exception e, RunContext run) => Classify(e, run) with { Details = CallerText.ForOperator(e) };

    private static ChainOutcome Refused(RunRefusedException refusal) => new(RunOutcome.Failed, new RunError
    {
        Type = ErrorTypes.RunRefused,
        Message = refusal.Message,
        Code = refusal.Code,
        RetryAfter = refusal.RetryAfter,
        ShouldRetry = refusal.RetryAfter is not null,
    });

    private static ChainOutcome Classify(Exception e, RunContext run) => e switch
    {
        HostLostException lost => Failed(ErrorTypes.HostLost, lost.Message),
        JournalFailure { InnerException: { } cause } => Failed(
            StorageFailure.IsOfStorage(cause) ? ErrorTypes.Storage : ErrorTypes.Internal,
            $"A tool was not called because the call could not be recorded: {StorageFailure.Describe(cause)}"),
        PluginRefusalException { Refusal: var refusal } => Refused(refusal),
        RunRefusedException refusal when ReferenceEquals(e, run.ModelError) => Refused(refusal),
        PluginException { InnerException: StorageException storage } plugin => Failed(ErrorTypes.Storage, $"{plugin.Message} {CallerText.From(storage)}"),
        // A model that a plugin called: callers may retry as after one of the run's own model.
        PluginException { InnerException: ModelException model } plugin =>
            new(RunOutcome.Failed, ModelRunError.From(model, $"{plugin.Message} {model.Message}")),
        PluginException { InnerException: { } cause } plugin =>
            Failed(plugin.ErrorType, $"{plugin.Message} {CallerText.From(cause)}") with { ShowsStack = true },
        _ when ReferenceEquals(e, run.ModelError) => new(RunOutcome.Failed, ModelRunError.From(e)),
        _ => Failed(ErrorTypes.Internal, "The host failed in the middle of the run.") with { ShowsStack = true },
    };
}
