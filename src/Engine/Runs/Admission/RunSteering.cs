using Microsoft.Extensions.AI;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Runs.Live;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Admission;

/// <summary>Gives input to runs in progress. Thread-safe.</summary>
internal sealed class RunSteering(LiveRuns live, SessionGate gate)
{
    /// <summary>
    /// Gives a command's input to the run whose turn it is, when the command asks for that and the run can take it. Otherwise the command
    /// is a run that waits for its turn.
    /// </summary>
    /// <returns>The run that has the input; null when none has.</returns>
    /// <exception cref="SessionStoreException">The input could not be kept.</exception>
    public async ValueTask<RunHandle?> TrySteerAsync(RunCommand command, string agent, SessionsConfiguration settings)
    {
        if (ToInput(command, settings) is not { } input) return null;
        if (gate.FindRun(new SessionKey(command.Tenant, command.SessionId!)) is not { } run || !Fits(run.Record, command, agent)) return null;
        if (run.Inbox.Add(input, settings.MaxInputMessages, out var accepted) != InputAnswer.Accepted) return null;
        await KeepAsync(run, accepted!);
        return run;
    }

    /// <summary>Gives messages to a run. They are durable when this returns.</summary>
    /// <returns>Whether an earlier request with the same key has given them.</returns>
    /// <exception cref="ProblemException">The run does not take them.</exception>
    /// <exception cref="SessionStoreException">They could not be kept.</exception>
    public async ValueTask<bool> AddAsync(RunHandle run, RunInput input, SessionsConfiguration settings)
    {
        var answer = run.Inbox.Add(input, settings.MaxInputMessages, out var accepted);
        switch (answer)
        {
            case InputAnswer.Accepted or InputAnswer.Repeated:
                await KeepAsync(run, accepted!);
                return answer == InputAnswer.Repeated;
            case InputAnswer.KeyReused:
                throw RunCommandCheck.KeyReused(run.Record.Id);
            case InputAnswer.Full:
                throw RunInputRefusal.Full(run.Record, settings.MaxInputMessages);
            case InputAnswer.NotBegun when !run.Completion.IsCompleted:
                throw RunInputRefusal.Queued(run.Record);
            default:
                throw RunInputRefusal.Ended(run.Record);
        }
    }

    /// <summary>The same for a run that is not in progress here: only a repeated request is answered.</summary>
    /// <exception cref="ProblemException">The run does not take messages.</exception>
    public static void CheckRepeated(RunRecord run, RunInput input)
    {
        if (input.IsIn(run)) return;
        throw run switch
        {
            { CompletedAt: not null } => RunInputRefusal.Ended(run),
            { Status: RunStatus.RequiresAction } => RunInputRefusal.Parked(run),
            _ => RunInputRefusal.Queued(run),
        };
    }

    private async ValueTask KeepAsync(RunHandle run, AcceptedInput accepted)
    {
        live.AddKeys(run);
        if (await accepted.KeepAsync()) return;
        // The journal takes no more because the run ends, and its save has the input.
        var ended = await run.Completion;
        if (ended.Error is { Type: ErrorTypes.Storage or ErrorTypes.Internal }) throw RunInputRefusal.NotKept(ended);
    }

    /// <summary>What a command gives to a run in progress; null when it asks for no such thing, or cannot be given.</summary>
    public static RunInput? ToInput(RunCommand command, SessionsConfiguration settings)
    {
        if ((command.Busy ?? settings.Busy) != BusyPolicy.Steer) return null;
        if (command is not { SessionId: not null, Stateless: false, IsTranscript: false, AfterRun: null }) return null;
        if (command.Input.Count == 0 || command.Input.Any(static m => m.Role != ChatRole.User)) return null;
        return new RunInput(command.Input) { IdempotencyKey = command.IdempotencyKey, RequestHash = command.RequestHash, Identity = command.Identity };
    }

    /// <summary>The answer is the run's, so it has to be one of the same interface.</summary>
    private static bool Fits(RunRecord run, RunCommand command, string agent) => run.Agent == agent && run.Details is null == command.Details is null;
}
