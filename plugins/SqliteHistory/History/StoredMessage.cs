using System.Runtime.InteropServices;
using PluginHost.Sdk;
using PluginHost.Shared.Caches;

namespace PluginHost.Sqlite;

/// <summary>
/// A message of the database. Its document is read on first use: a cached message then equals a message read from the database, and
/// never holds an object of the host or of another plugin.
/// </summary>
internal sealed class StoredMessage : IWindowMessage
{
    /// <summary>The approximate memory of the object in bytes, without its text.</summary>
    private const int Overhead = 600;

    private readonly int _length;
    private byte[]? _document;
    private HistoryMessage? _value;

    private StoredMessage(int length, bool isPinned) => (_length, IsPinned) = (length, isPinned);

    /// <summary>Whether it stays when older ones are left out.</summary>
    public bool IsPinned { get; }

    /// <summary>The row id. Set when the row is written or read, before other threads use the message.</summary>
    public long RowId { get; set; }

    /// <summary>The document for the row. Available only before other threads use the message.</summary>
    public byte[] Document => _document!;

    /// <summary>The approximate memory in bytes.</summary>
    public long Size => Overhead + (2L * _length);

    /// <summary>The message. Thread-safe: concurrent callers may read the document twice, and get the same object.</summary>
    public HistoryMessage Value
    {
        get
        {
            if (Volatile.Read(ref _value) is { } value) return value;
            var document = Volatile.Read(ref _document);
            // The document is gone because another thread has set the value.
            if (document is null) return Volatile.Read(ref _value)!;
            var read = Interlocked.CompareExchange(ref _value, HistoryMessage.FromDocument(document), null) ?? Volatile.Read(ref _value)!;
            Volatile.Write(ref _document, null);
            return read;
        }
    }

    public static StoredMessage From(HistoryMessage message)
    {
        var written = message.ToDocument();
        var document = MemoryMarshal.TryGetArray(written, out var part) && part.Array!.Length == part.Count ? part.Array : written.ToArray();
        return new StoredMessage(document.Length, message.IsPinned) { _document = document };
    }

    /// <summary>Creates a message that was read from a row.</summary>
    public static StoredMessage From(HistoryMessage message, int length, long rowId) => new(length, message.IsPinned) { _value = message, RowId = rowId };
}
