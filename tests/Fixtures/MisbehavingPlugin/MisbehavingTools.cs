using Microsoft.Extensions.AI;
using PluginHost.Sdk;

namespace MisbehavingPlugin;

/// <summary>Provides two tools: one that works and one with a configured fault.</summary>
public sealed class MisbehavingTools(Misbehaviour options, PluginContext context) : IContextProvider
{
    public PluginContext Context { get; } = context;

    public ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken) => new(new ContextContribution
    {
        Tools =
        [
            AIFunctionFactory.Create(() => "done", "work"),
            AIFunctionFactory.Create(
                async () =>
                {
                    await Faults.ApplyAsync(options.Does, request);
                    return "never";
                },
                "fail"),
        ],
    });
}
