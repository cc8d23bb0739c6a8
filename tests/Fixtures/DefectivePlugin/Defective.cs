using System.ComponentModel.DataAnnotations;
using PluginHost.Sdk;

[assembly: Plugin("no-constructor", typeof(DefectivePlugin.NoConstructor))]
[assembly: Plugin("no-kind", typeof(DefectivePlugin.NoKind))]
[assembly: Plugin("bad-options", typeof(DefectivePlugin.BadOptions), Options = typeof(DefectivePlugin.DefectiveOptions))]
[assembly: Plugin("Not A Name", typeof(DefectivePlugin.BadOptions), Options = typeof(DefectivePlugin.DefectiveOptions))]

namespace DefectivePlugin;

/// <summary>A plugin without a constructor that the host can call.</summary>
public sealed class NoConstructor(int number) : IContextProvider
{
    public int Number { get; } = number;

    public ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken) =>
        ValueTask.FromResult(ContextContribution.Empty);
}

/// <summary>A plugin that implements no plugin interface.</summary>
public sealed class NoKind(PluginContext context)
{
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
