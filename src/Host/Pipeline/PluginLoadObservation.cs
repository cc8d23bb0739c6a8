namespace PluginHost.Pipeline;

/// <summary>Lets an observer see the loads of plugins, which happen in a part of the host that does not know it.</summary>
public static class PluginLoadObservation
{
    /// <summary>For <see cref="Plugins.PluginServices.ObserveLoad"/>.</summary>
    public static Action<string, Action> ObserveLoads(this HostObserver observer) => (plugin, load) =>
    {
        if (!observer.IsEnabled)
        {
            load();
            return;
        }

        var operation = new ObservedOperation(HostOperation.PluginLoad) { PluginName = plugin };
        var state = observer.Begin(operation);
        try
        {
            load();
        }
        catch (Exception e)
        {
            observer.End(state, operation, new ObservedEnd { ErrorType = "load_error", Exception = e });
            throw;
        }

        observer.End(state, operation, default);
    };
}
