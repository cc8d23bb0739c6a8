using PluginHost.Sdk;
using VersionedLibrary;

[assembly: Plugin("versioned", typeof(Versioned.Versioned), Options = typeof(Versioned.VersionedOptions))]

namespace Versioned;

/// <summary>How an instance fails.</summary>
public enum Fault
{
    None,
    ConstructorBlocks,
    ConstructorThrows,
    StartBlocks,
    StartThrows,
    Unhealthy,
    RunThrows,

    /// <summary>Runs fail in the second version alone.</summary>
    SecondRunThrows,
}

/// <param name="Fault">How an instance fails.</param>
public sealed record VersionedOptions(Fault Fault = Fault.None);

/// <summary>A context provider that reports the version of its DLL and of its private library. It leaves a file while it lives.</summary>
public sealed class Versioned : IContextProvider, IPluginLifecycle, IPluginHealth, IDisposable
{
    private readonly VersionedOptions _options;
    private readonly string _alive;

    public Versioned(VersionedOptions options, PluginContext context)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(context);
        _options = options;
        _alive = Path.Combine(context.DataPath, $"{Guid.NewGuid():N}.alive");
        if (options.Fault == Fault.ConstructorThrows) throw new InvalidOperationException("The constructor throws.");
        if (options.Fault == Fault.ConstructorBlocks) Block();
        File.WriteAllText(_alive, "");
    }

    public static string Version =>
#if SECOND
        "2";
#else
        "1";
#endif

    public ValueTask StartAsync(CancellationToken cancellationToken)
    {
        if (_options.Fault == Fault.StartThrows) throw new InvalidOperationException("The start throws.");
        if (_options.Fault == Fault.StartBlocks) Block();
        return default;
    }

    public ValueTask StopAsync(CancellationToken cancellationToken) => default;

    public ValueTask<PluginHealth> CheckHealthAsync(CancellationToken cancellationToken) =>
        new(_options.Fault == Fault.Unhealthy ? PluginHealth.Unhealthy("It is unhealthy, as configured.") : PluginHealth.Healthy);

    public ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken)
    {
        if (_options.Fault == Fault.RunThrows || (_options.Fault == Fault.SecondRunThrows && Version == "2")) throw new InvalidOperationException("Every run throws.");
        return ValueTask.FromResult(new ContextContribution { Instructions = $"plugin {Version}, library {Library.Version}." });
    }

    public void Dispose() => File.Delete(_alive);

    private static void Block()
    {
        using var never = new ManualResetEventSlim();
        never.Wait();
    }
}
