using PluginHost.Engine.Errors;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Admission;

/// <summary>Finds runs over all sessions.</summary>
internal sealed partial class RunEngine
{
    /// <summary>The runs of all sessions, in progress, stored or only traced, the newest first.</summary>
    /// <exception cref="ProblemException">The store finds no runs over all sessions.</exception>
    public ValueTask<FoundRuns> SearchAsync(RunSearch search, CancellationToken cancellationToken) => LeasedAsync(async set =>
    {
        var unstored = _finder.FindUnstored(search);
        var stored = await set.Store.SearchRunsAsync(search, cancellationToken) ?? throw NotSupported(set.Store.Plugin.SourceId);
        return _finder.Join(search, unstored, stored);
    });

    private static ProblemException NotSupported(string store) => new(
        ProblemTypes.SearchNotSupported,
        $"The session store '{store}' finds no runs over all sessions. List those of one session: GET /v1/sessions/{{id}}/runs.");
}
