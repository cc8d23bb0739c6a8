namespace PluginHost.Engine.Calls;

/// <summary>The run that the current flow of calls belongs to, for calls that plugins make without naming their run.</summary>
internal static class CurrentRun
{
    private static readonly AsyncLocal<CancellationToken> Token = new();

    /// <summary>Cancelled when the run is cancelled or its time is over; never outside of a chain's call, so not while a run completes.</summary>
    public static CancellationToken Cancellation => Token.Value;

    /// <summary>A run begins. Call it directly in the asynchronous method of the run: what it sets ends with that method.</summary>
    public static void Begin(CancellationToken cancellation) => Token.Value = cancellation;
}
