using System.Reflection;

namespace PluginHost.Engine.Plugins.Activation;

/// <summary>
/// Resources that the instances of a plugin share, counted by their users. Keyed by the loaded assembly, not by its name:
/// objects of another load context have other types. Thread-safe.
/// </summary>
internal sealed class SharedResources
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(Assembly Assembly, string Key), Resource> _resources = [];

    /// <summary>The resources of one plugin instance; disposing it releases them all.</summary>
    public Lease Open(Assembly assembly) => new(this, assembly);

    private Resource Join(Assembly assembly, string key)
    {
        while (true)
        {
            Task closing;
            lock (_lock)
            {
                if (!_resources.TryGetValue((assembly, key), out var resource)) _resources[(assembly, key)] = resource = new Resource();
                if (resource.Closing is null)
                {
                    resource.Users++;
                    return resource;
                }

                closing = resource.Closing;
            }

            // The previous one is still closing (a file with one owner): a second must not be opened beside it.
            closing.Wait();
        }
    }

    private bool IsClosing(Resource resource)
    {
        lock (_lock) return resource.Closing is not null;
    }

    private async ValueTask LeaveAsync(Assembly assembly, string key, Resource resource)
    {
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (--resource.Users > 0) return;
            resource.Closing = closed.Task;
        }

        try
        {
            await AnyDisposal.DisposeAsync(resource.Value);
        }
        finally
        {
            lock (_lock) _resources.Remove((assembly, key));
            closed.SetResult();
        }
    }

    private sealed class Resource
    {
        public int Users { get; set; }

        public Task? Closing { get; set; }

        public Lock Creation { get; } = new();

        public object? Value { get; set; }
    }

    /// <summary>The shared resources of one plugin instance. Thread-safe.</summary>
    internal sealed class Lease(SharedResources owner, Assembly assembly) : IAsyncDisposable
    {
        private readonly Lock _lock = new();
        private readonly Dictionary<string, Resource> _joined = new(StringComparer.Ordinal);
        private bool _disposed;

        public T Get<T>(string key, Func<T> create)
            where T : class
        {
            ArgumentNullException.ThrowIfNull(key);
            ArgumentNullException.ThrowIfNull(create);
            var resource = Join(key);
            lock (resource.Creation)
            {
                // When create throws, the resource stays empty, and the next caller tries again.
                resource.Value ??= create() ?? throw new InvalidOperationException($"The shared resource '{key}' was created as null.");
                if (owner.IsClosing(resource)) DisposeLate(resource.Value);
                return resource.Value as T ?? throw new InvalidOperationException(
                    $"'{key}' is already shared as {resource.Value.GetType().Name}, not as {typeof(T).Name}.");
            }
        }

        public async ValueTask DisposeAsync()
        {
            List<KeyValuePair<string, Resource>> joined;
            lock (_lock)
            {
                _disposed = true;
                joined = [.. _joined.Reverse()];
                _joined.Clear();
            }

            List<Exception> failures = [];
            foreach (var (key, resource) in joined)
            {
                try
                {
                    await owner.LeaveAsync(assembly, key, resource);
                }
                catch (Exception e)
                {
                    // The others must be released too.
                    failures.Add(e);
                }
            }

            if (failures.Count > 0) throw new AggregateException(failures);
        }

        /// <summary>The instance was given up while its constructor hung: nothing else would dispose what that has created since.</summary>
        private static void DisposeLate(object value)
        {
            AnyDisposal.DisposeAsync(value).AsTask().GetAwaiter().GetResult();
            throw new ObjectDisposedException(nameof(Lease));
        }

        private Resource Join(string key)
        {
            lock (_lock)
            {
                ObjectDisposedException.ThrowIf(_disposed, this);
                if (!_joined.TryGetValue(key, out var resource)) _joined[key] = resource = owner.Join(assembly, key);
                return resource;
            }
        }
    }
}
