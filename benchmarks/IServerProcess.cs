namespace PluginHost.Benchmarks;

/// <summary>A server in another process. Disposing ends it.</summary>
internal interface IServerProcess : IAsyncDisposable
{
    /// <summary>Where it listens.</summary>
    Uri Address { get; }

    /// <summary>The processor time that it has used.</summary>
    TimeSpan Cpu { get; }

    /// <summary>Resident memory in megabytes. 0 if the operating system does not report it.</summary>
    double Megabytes { get; }

    /// <summary>The bytes that it has passed to writes of files. 0 if the operating system does not count them.</summary>
    long Written { get; }
}
