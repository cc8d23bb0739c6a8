using Microsoft.Extensions.AI;
using PluginHost.Engine.Calls;
using PluginHost.Engine.Chains;
using PluginHost.Engine.Chains.Building;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Runs.Admission;
using PluginHost.Engine.Runs.Live;
using PluginHost.Engine.Sessions.Admin;
using PluginHost.Sdk;

namespace PluginHost.Engine.Hosting;

/// <summary>Checks a set of chains that is built and does not serve yet: the health of its plugins, and one run of each agent when configured.</summary>
internal sealed class GenerationCheck(ChainHolder chains, RunEngine engine, ChainSetFactory factory, PluginCaller caller, ILogger logger)
{
    /// <summary>No caller's tenant, so that no caller sees the sessions of probes.</summary>
    private const string Tenant = "pluginhost-probe";

    /// <summary>How many probe runs there are at once: each may be a call of a model.</summary>
    private const int ProbesAtOnce = 8;

    private readonly SessionDeletion _deletion = new(caller, logger);

    /// <summary>The trouble of the serving set. To be asked before the next set is built: an instance that has handed over does not answer any more.</summary>
    public async ValueTask<IReadOnlyList<ProblemError>> FindTroubleAsync()
    {
        var serving = chains.Lease();
        try
        {
            return (await HealthCheck.AskAsync(serving, caller)).Unhealthy;
        }
        finally
        {
            serving.Release();
        }
    }

    /// <param name="next">The set.</param>
    /// <param name="known">The trouble of the serving set.</param>
    /// <param name="probe">Which run it has to pass.</param>
    /// <param name="cancellationToken">Cancels the check.</param>
    /// <returns>What keeps the set from serving; empty when all is well.</returns>
    public async ValueTask<IReadOnlyList<ConfigurationError>> FindErrorsAsync(
        ChainSet next, IReadOnlyList<ProblemError> known, ReloadProbe probe, CancellationToken cancellationToken)
    {
        var worse = await FindWorseHealthAsync(next, known);
        return worse.Count > 0 || probe == ReloadProbe.None ? worse : await ProbeAsync(next, probe, cancellationToken);
    }

    /// <summary>Trouble that the serving set does not have. A reload may be meant to end trouble that both have.</summary>
    private async ValueTask<IReadOnlyList<ConfigurationError>> FindWorseHealthAsync(ChainSet next, IReadOnlyList<ProblemError> known)
    {
        var found = (await HealthCheck.AskAsync(next, caller)).Unhealthy;
        return
        [
            .. found.Where(f => !known.Any(k => k.Path == f.Path || k.Message == f.Message))
                .Select(f => new ConfigurationError(f.Path, $"The plugin is not healthy: {f.Message}", "Remove the cause and reload again.")),
        ];
    }

    private async ValueTask<IReadOnlyList<ConfigurationError>> ProbeAsync(ChainSet set, ReloadProbe probe, CancellationToken cancellationToken)
    {
        var errors = new ConfigurationError?[set.Chains.Count];
        // The limits of a tenant hold for probes too.
        var atOnce = Math.Min(ProbesAtOnce, Math.Min(set.Settings.MaxConcurrentRuns, set.Settings.MaxSessions));
        var options = new ParallelOptions { MaxDegreeOfParallelism = atOnce, CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, errors.Length, options, async (i, ct) =>
        {
            var chain = set.Chains[i];
            if (await ProbeAsync(set, probe == ReloadProbe.Echo ? factory.WithEcho(chain) : chain, ct) is not { } reason) return;
            errors[i] = new(
                $"Agents:{chain.Agent.Name}",
                $"The probe run failed: {reason}",
                "Mend what the message names; the log has the details. PluginLoading:Probe = none reloads without a probe.");
        });
        return [.. errors.OfType<ConfigurationError>()];
    }

    /// <returns>Why it failed; null when it did not.</returns>
    private async ValueTask<string?> ProbeAsync(ChainSet set, Chain chain, CancellationToken cancellationToken)
    {
        var session = new SessionKey(Tenant, $"probe-{Guid.NewGuid():N}");
        var command = new RunCommand
        {
            Tenant = Tenant,
            SessionId = session.Id,
            Agent = chain.Agent.Name,
            Input = [new ChatMessage(ChatRole.User, "Hello.")],
            CanPark = false,
        };
        try
        {
            var run = await engine.ProbeAsync(set, chain, command, cancellationToken);
            await _deletion.DeleteAsync(set, session);
            if (run.Error is { } error) return $"{error.Message} ({error.Type}, run {run.Id})";
            return run.Skipped.Count == 0 ? null : $"{string.Join(", ", run.Skipped)} failed and was skipped (run {run.Id}).";
        }
        catch (Exception e) when (e is ProblemException or SessionStoreException)
        {
            return e.Message;
        }
    }
}
