using Microsoft.Extensions.Logging;
using PluginHost.Sdk;

namespace MisbehavingPlugin;

/// <summary>Logs the outcome of each run.</summary>
public sealed class OutcomeLogger(PluginContext context) : IContextProvider
{
    public ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken) =>
        new(ContextContribution.Empty);

    public ValueTask ObserveAsync(RunRequest request, RunResult result, CancellationToken cancellationToken)
    {
        context.Logger.LogInformation("{Name} saw run {Run} end: {Outcome} {Error}.", context.Name, request.RunId, result.Outcome, result.ErrorType ?? "");
        return default;
    }
}
