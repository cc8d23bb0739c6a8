namespace PluginHost.Sdk;

/// <summary>Objects that plugin instances keep for one run, by instance and type. Thread-safe.</summary>
internal sealed class RunItems
{
    private readonly Lock _lock = new();
    private readonly List<Item> _items = [];
    private bool _ended;

    public T Get<T>(string sourceId, Func<T> create)
        where T : class
    {
        var item = Find(sourceId, typeof(T));
        lock (item.Creation)
        {
            if (item.Value is null)
            {
                var value = create() ?? throw new InvalidOperationException($"The run's {typeof(T).Name} was created as null.");
                // An object that is created while the run ends would never be disposed.
                lock (_lock)
                {
                    ObjectDisposedException.ThrowIf(_ended, this);
                    item.Value = value;
                }
            }

            return (T)item.Value;
        }
    }

    /// <summary>Ends the list.</summary>
    /// <returns>The objects with their instances, the last one first; empty on a second call.</returns>
    public IReadOnlyList<(string SourceId, object Value)> End()
    {
        lock (_lock)
        {
            _ended = true;
            var ended = _items.Where(i => i.Value is not null).Select(i => (i.SourceId, i.Value!)).Reverse().ToList();
            _items.Clear();
            return ended;
        }
    }

    private Item Find(string sourceId, Type type)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_ended, this);
            var item = _items.Find(i => i.SourceId == sourceId && i.Type == type);
            if (item is null) _items.Add(item = new Item(sourceId, type));
            return item;
        }
    }

    private sealed class Item(string sourceId, Type type)
    {
        public string SourceId { get; } = sourceId;

        public Type Type { get; } = type;

        public Lock Creation { get; } = new();

        public object? Value { get; set; }
    }
}
