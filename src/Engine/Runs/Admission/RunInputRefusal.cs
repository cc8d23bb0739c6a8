using PluginHost.Engine.Errors;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Admission;

/// <summary>Why a run does not take messages, and what to do.</summary>
internal static class RunInputRefusal
{
    public static ProblemException Queued(RunRecord run) =>
        new(ProblemTypes.RunQueued, $"Run '{run.Id}' waits for its turn and takes no messages yet. Try again when it has begun.") { RetryAfterSeconds = 1 };

    public static ProblemException Parked(RunRecord run) =>
        new(ProblemTypes.RunParked, $"Run '{run.Id}' waits for an approval and takes no messages meanwhile. Decide it or cancel the run, then try again.");

    public static ProblemException Full(RunRecord run, int limit) => new(
        ProblemTypes.RunInputFull,
        $"The messages would make more than {limit} that run '{run.Id}' was given, which is the limit (Sessions:MaxInputMessages). Start another run with them.");

    public static ProblemException Ended(RunRecord run) => new(
        ProblemTypes.RunEnded,
        run.CompletedAt is null
            ? $"Run '{run.Id}' ends: it calls its model no more. Start another run on session '{run.Session.Id}' with the messages."
            : $"Run '{run.Id}' has ended. Start another run on session '{run.Session.Id}' with the messages.");

    public static ProblemException NotKept(RunRecord run) =>
        new(ProblemTypes.StorageUnavailable, $"Run '{run.Id}' could not be stored with the messages. Start another run with them.") { RetryAfterSeconds = 1 };
}
