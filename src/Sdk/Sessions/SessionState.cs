using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace PluginHost.Sdk;

/// <summary>
/// The state of one plugin instance in a session. Values are kept as JSON, not as objects, so that they survive restarts and
/// reloads. Thread-safe; <c>Update</c> is atomic.
/// </summary>
public sealed class SessionState
{
    // As deep as the writer writes: the scope is one level deeper than its deepest value.
    private static readonly JsonDocumentOptions AnyDepth = new() { MaxDepth = 1000 };

    private readonly Lock _lock = new();
    private readonly Dictionary<string, JsonElement> _values = new(StringComparer.Ordinal);
    private bool _changed;

    /// <summary>Creates an empty state.</summary>
    internal SessionState()
    {
    }

    /// <summary>Creates a state from the properties of a JSON object.</summary>
    /// <param name="saved">A JSON object.</param>
    /// <exception cref="ArgumentException"><paramref name="saved"/> is not an object.</exception>
    internal SessionState(JsonElement saved)
    {
        if (saved.ValueKind != JsonValueKind.Object)
            throw new ArgumentException($"Expected object, got {saved.ValueKind}.", nameof(saved));
        foreach (var property in saved.EnumerateObject()) _values[property.Name] = property.Value;
    }

    /// <summary>Whether a value was written or removed since the state was created.</summary>
    internal bool IsChanged
    {
        get { lock (_lock) return _changed; }
    }

    /// <summary>Whether the state holds no value.</summary>
    internal bool IsEmpty
    {
        get { lock (_lock) return _values.Count == 0; }
    }

    /// <summary>Reads a value.</summary>
    /// <typeparam name="T">The value's type.</typeparam>
    /// <param name="key">The key.</param>
    /// <param name="value">The value, a new object on every call; the default when there is none.</param>
    /// <returns>Whether there is a value.</returns>
    /// <exception cref="JsonException">The stored JSON is not a valid <typeparamref name="T"/>.</exception>
    public bool TryGet<T>(StateKey<T> key, [MaybeNullWhen(false)] out T value)
    {
        ArgumentNullException.ThrowIfNull(key);
        lock (_lock)
        {
            if (_values.TryGetValue(key.Name, out var json) && json.ValueKind != JsonValueKind.Null)
            {
                value = json.Deserialize(key.Type)!;
                return true;
            }
        }

        value = default;
        return false;
    }

    /// <summary>Writes a value and replaces an existing one.</summary>
    /// <typeparam name="T">The value's type.</typeparam>
    /// <param name="key">The key.</param>
    /// <param name="value">The value. It is serialized immediately, so later changes to the object have no effect.</param>
    public void Set<T>(StateKey<T> key, T value)
    {
        ArgumentNullException.ThrowIfNull(key);
        var json = JsonSerializer.SerializeToElement(value, key.Type);
        lock (_lock)
        {
            _values[key.Name] = json;
            _changed = true;
        }
    }

    /// <summary>Changes a value atomically.</summary>
    /// <typeparam name="T">The value's type.</typeparam>
    /// <param name="key">The key.</param>
    /// <param name="change">
    /// Receives the value, or the default when there is none, and returns the new one. It runs under a lock: keep it short and
    /// do not block in it. When it throws, the value does not change.
    /// </param>
    /// <returns>The new value.</returns>
    public T Update<T>(StateKey<T> key, Func<T?, T> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        lock (_lock)
        {
            var value = change(TryGet(key, out var old) ? old : default);
            Set(key, value);
            return value;
        }
    }

    /// <summary>Removes a value.</summary>
    /// <param name="key">The key.</param>
    /// <returns>Whether there was a value.</returns>
    public bool Remove<T>(StateKey<T> key)
    {
        ArgumentNullException.ThrowIfNull(key);
        lock (_lock)
        {
            var removed = _values.Remove(key.Name);
            _changed |= removed;
            return removed;
        }
    }

    /// <summary>Writes the state as a JSON object.</summary>
    internal JsonElement ToJson()
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            lock (_lock)
            {
                foreach (var (key, value) in _values)
                {
                    writer.WritePropertyName(key);
                    value.WriteTo(writer);
                }
            }

            writer.WriteEndObject();
        }

        return JsonElement.Parse(buffer.WrittenSpan, AnyDepth);
    }
}
