using System.ComponentModel.DataAnnotations;
using PluginHost.Sdk;

[assembly: Plugin<DefectivePlugin.NoConstructor, NoOptions>("no-constructor")]
[assembly: Plugin<DefectivePlugin.NoKind, NoOptions>("no-kind")]
[assembly: Plugin<DefectivePlugin.BadOptions, DefectivePlugin.DefectiveOptions>("bad-options")]
[assembly: Plugin<DefectivePlugin.BadOptions, DefectivePlugin.DefectiveOptions>("Not A Name")]

namespace DefectivePlugin;

/// <summary>A plugin without a constructor that the host can call.</summary>
public sealed class NoConstructor(int number) : IContextProvider
{
    public int Number { get; } = number;

    public ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken) =>
        ValueTask.FromResult(ContextContribution.Empty);
}

/// <summary>A plugin that implements no plugin interface.</summary>
public sealed class NoKind(NoOptions options, PluginContext context)
{
    public NoOptions Options { get; } = options;

    public PluginContext Context { get; } = context;
}

/// <summary>Options that cannot be configured.</summary>
public sealed record DefectiveOptions(Version? Release = null, [EmailAddress] string Mail = "");

/// <summary>A plugin with options that cannot be configured.</summary>
public sealed class BadOptions(DefectiveOptions options, PluginContext context) : IContextProvider
{
    public DefectiveOptions Options { get; } = options;

    public PluginContext Context { get; } = context;

    public ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken) =>
        ValueTask.FromResult(ContextContribution.Empty);
}
