namespace PluginHost.Engine.Calls;

/// <summary>The run that the current flow of calls belongs to, for calls that plugins make without naming their run.</summary>
internal static class CurrentRun
{
    private static readonly AsyncLocal<(string? Id, CancellationToken Cancellation)> Run = new();

    /// <summary>Cancelled when the run is cancelled or its time is over; never outside of a chain's call, so not while a run completes.</summary>
    public static CancellationToken Cancellation => Run.Value.Cancellation;

    /// <summary>The id of the run; null outside of a chain's call.</summary>
    public static string? Id => Run.Value.Id;

    /// <summary>A run begins. Call it directly in the asynchronous method of the run: what it sets ends with that method.</summary>
    public static void Begin(string id, CancellationToken cancellation) => Run.Value = (id, cancellation);
}
