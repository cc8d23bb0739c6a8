using PluginHost.Native.Resources;

namespace PluginHost.Native;

/// <summary>Keeps the traces of the runs that ended last. Thread-safe.</summary>
internal interface IRunTraces
{
    /// <summary>How many are kept; 0 when none are.</summary>
    int Capacity { get; }

    /// <summary>The trace of a run.</summary>
    /// <param name="runId">The run; the caller has to know already that it may be shown.</param>
    /// <returns>Null when it is not kept: the run has not ended, was too long ago, or was run by another process.</returns>
    TraceResource? Find(string runId);
}
