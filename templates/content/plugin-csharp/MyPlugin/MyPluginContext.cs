using Microsoft.Extensions.AI;
using PluginHost.Sdk;

[assembly: Plugin("my-plugin", typeof(MyPlugin.MyPluginProvider), Options = typeof(MyPlugin.MyPluginOptions))]

namespace MyPlugin;

/// <summary>Options of <c>my-plugin</c>.</summary>
/// <param name="Format">How the time is written.</param>
public sealed record MyPluginOptions(string Format = "yyyy-MM-dd HH:mm");

/// <summary>Gives the model the time, and a tool that gives it exactly.</summary>
public sealed class MyPluginProvider(MyPluginOptions options, PluginContext context) : IContextProvider
{
    /// <inheritdoc/>
    public ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken) =>
        new(new ContextContribution
        {
            Instructions = $"It is {context.TimeProvider.GetUtcNow().ToString(options.Format)}.",
            Tools = [AIFunctionFactory.Create(() => context.TimeProvider.GetUtcNow().ToString("O"), "exact_time", "Gives the time to the second.")],
        });
}
