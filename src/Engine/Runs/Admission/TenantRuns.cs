using System.Runtime.InteropServices;
using PluginHost.Engine.Errors;

namespace PluginHost.Engine.Runs.Admission;

/// <summary>Counts the runs of each tenant that wait or run. Thread-safe.</summary>
internal sealed class TenantRuns
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);

    /// <summary>Counts a run. Who has entered must <see cref="Exit"/>.</summary>
    /// <exception cref="ProblemException">429 when the tenant has as many as it may.</exception>
    public void Enter(string tenant, int limit)
    {
        lock (_lock)
        {
            ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(_counts, tenant, out _);
            if (count < limit)
            {
                count++;
                return;
            }
        }

        throw new ProblemException(
            ProblemTypes.TooManyRuns, $"The tenant has {limit} runs waiting or running, which is the limit (Sessions:MaxConcurrentRuns). Try again later.")
        {
            RetryAfterSeconds = 1,
        };
    }

    public void Exit(string tenant)
    {
        lock (_lock)
        {
            ref var count = ref CollectionsMarshal.GetValueRefOrNullRef(_counts, tenant);
            if (--count == 0) _counts.Remove(tenant);
        }
    }
}
