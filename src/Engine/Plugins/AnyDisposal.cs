namespace PluginHost.Engine.Plugins;

/// <summary>Disposes an object that may be disposable in either way, or not at all.</summary>
internal static class AnyDisposal
{
    public static ValueTask DisposeAsync(object? value)
    {
        if (value is IAsyncDisposable asyncDisposable) return asyncDisposable.DisposeAsync();
        (value as IDisposable)?.Dispose();
        return default;
    }
}
