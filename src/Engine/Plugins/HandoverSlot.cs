namespace PluginHost.Engine.Plugins;

/// <summary>
/// The plugin object that answers the calls of an instance: its own one, and that of its successor once the resource was handed over.
/// Thread-safe.
/// </summary>
internal sealed class HandoverSlot(object plugin, HandoverGate gate)
{
    private volatile HandoverSlot? _successor;

    public HandoverGate Gate { get; } = gate;

    /// <summary>The object that answers now.</summary>
    public object Current => _successor?.Current ?? plugin;

    public bool IsHandedOver => _successor is not null;

    /// <summary>Lets another slot answer; null to answer itself again.</summary>
    public void HandTo(HandoverSlot? successor) => _successor = successor;

    /// <summary>Calls the object that answers, when no handover is in progress.</summary>
    public async ValueTask<TResult> CallAsync<TPlugin, TArgument, TResult>(
        TArgument argument, Func<TPlugin, TArgument, CancellationToken, ValueTask<TResult>> call, CancellationToken cancellationToken)
    {
        await Gate.EnterAsync(cancellationToken);
        try
        {
            return await call((TPlugin)Current, argument, cancellationToken);
        }
        finally
        {
            Gate.Exit();
        }
    }
}
