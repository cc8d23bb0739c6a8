namespace PluginHost.Conformance;

/// <summary>The resources that the instances of one plugin share, reference-counted like in the host. Thread-safe.</summary>
public sealed class SharedResources
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (object Resource, HashSet<object> Owners)> _resources = [];

    internal T Get<T>(object owner, string key, Func<T> create)
        where T : class
    {
        lock (_lock)
        {
            if (!_resources.TryGetValue(key, out var entry))
                _resources[key] = entry = (create(), []);
            entry.Owners.Add(owner);
            return (T)entry.Resource;
        }
    }

    internal async ValueTask ReleaseAsync(object owner)
    {
        List<object> unused = [];
        lock (_lock)
        {
            foreach (var (key, (resource, owners)) in _resources.ToArray())
            {
                if (!owners.Remove(owner) || owners.Count > 0) continue;
                _resources.Remove(key);
                unused.Add(resource);
            }
        }

        foreach (var resource in unused)
        {
            if (resource is IAsyncDisposable asynchronous) await asynchronous.DisposeAsync();
            else if (resource is IDisposable disposable) disposable.Dispose();
        }
    }
}
