using PluginHost.Engine.Chains;
using PluginHost.Engine.Chains.Building;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Plugins.Catalog;

namespace PluginHost.Engine.Hosting;

/// <summary>Builds the chains of configurations that are tried out and do not serve. They take nothing over from those that do. Thread-safe.</summary>
internal sealed class CandidateChains(ChainSetFactory factory)
{
    /// <exception cref="ProblemException">They cannot be built. Has all errors.</exception>
    public async ValueTask<ChainSet> BuildAsync(Func<HostSetup> read, CancellationToken cancellationToken)
    {
        try
        {
            // It reads and copies files.
            var candidate = await Task.Run(read, cancellationToken);
            return candidate.Configuration is { } configuration
                // Without live sets: runs in progress must not use a store of the candidate.
                ? await factory.BuildAsync(configuration, candidate.Catalog, [], cancellationToken)
                : throw new StartupException(candidate.Errors);
        }
        catch (StartupException e)
        {
            throw Invalid("The configuration is wrong.", e.Errors);
        }
    }

    public static ProblemException Invalid(string detail, IReadOnlyList<ConfigurationError> errors) => new(ProblemTypes.ConfigurationInvalid, detail)
    {
        Errors = [.. errors.Select(e => new ProblemError(e.Path, e.Message, e.Cure))],
    };
}
