using PluginHost.Sdk;
using PluginHost.Shared.Caches;

namespace PluginHost.Postgres;

/// <summary>
/// A message of the database. Its document is read on first use: a cached message then equals a message read from the database, and never holds
/// an object of the host or of another plugin. Immutable, as far as readers see.
/// </summary>
internal sealed class StoredMessage : IWindowMessage
{
    /// <summary>The approximate memory of the object in bytes, without its text.</summary>
    private const int Overhead = 600;

    private readonly byte[]? _document;
    private HistoryMessage? _value;

    /// <summary>Creates a message that was written.</summary>
    public StoredMessage(string id, bool isPinned, byte[] document) => (Id, IsPinned, _document, Size) = (id, isPinned, document, Overhead + (3L * document.Length));

    /// <summary>Creates a message that was read from a row.</summary>
    /// <param name="value">The message.</param>
    /// <param name="length">The length of its document.</param>
    public StoredMessage(HistoryMessage value, int length) => (Id, IsPinned, _value, Size) = (value.Id, value.IsPinned, value, Overhead + (2L * length));

    public string Id { get; }

    /// <summary>Whether it stays when older ones are left out.</summary>
    public bool IsPinned { get; }

    /// <summary>The approximate memory in bytes.</summary>
    public long Size { get; }

    /// <summary>The message. Concurrent callers may read the document twice, and get the same object.</summary>
    public HistoryMessage Value => Volatile.Read(ref _value) ?? Interlocked.CompareExchange(ref _value, HistoryMessage.FromDocument(_document!), null) ?? _value!;
}
