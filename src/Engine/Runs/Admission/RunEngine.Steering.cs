using PluginHost.Engine.Errors;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Runs.Live;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Admission;

/// <summary>Gives input to runs in progress.</summary>
internal sealed partial class RunEngine
{
    /// <summary>Gives messages to a run in progress: its next call of the model has them. They are durable when this returns.</summary>
    /// <returns>The run, and whether an earlier request with the same key has given the messages.</returns>
    /// <exception cref="ProblemException">There is no such run, it takes no messages, or something is wrong with them.</exception>
    public ValueTask<(RunRecord Run, bool IsRepeated)> AddInputAsync(SessionKey session, string runId, RunInput input, CancellationToken cancellationToken) =>
        LeasedAsync(async set =>
        {
            RunCommandCheck.CheckInput(input.Messages, set.Settings);
            // One that is in progress is another host's, or is taken over.
            if (_claims.Source is not null && FindLive(session, runId) is null) await GetRunAsync(session, runId, cancellationToken);
            if (FindLive(session, runId) is { } live)
            {
                var operation = new ObservedOperation(HostOperation.RunInput) { Run = _observer.IsEnabled ? live.Observed() : null };
                var isRepeated = await _observer.ObserveAsync(
                    operation,
                    (Steering: _steering, live, input, set.Settings),
                    static s => s.Steering.AddAsync(s.live, s.input, s.Settings),
                    static (s, _) => new ObservedEnd { Messages = s.input.Messages.Count });
                return (live.Record, isRepeated);
            }

            var record = await set.Store.FindRunAsync(session, runId, cancellationToken) ?? throw ProblemException.RunNotFound(runId);
            RunSteering.CheckRepeated(record, input);
            return (record, true);
        });
}
