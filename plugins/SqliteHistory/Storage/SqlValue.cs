namespace PluginHost.Sqlite;

/// <summary>A value for a parameter of a statement. Converting to it allocates nothing.</summary>
internal readonly struct SqlValue
{
    private SqlValue(SqlValueKind kind, long number, string? text, ReadOnlyMemory<byte> bytes) => (Kind, Number, Text, Bytes) = (kind, number, text, bytes);

    public SqlValueKind Kind { get; }

    public long Number { get; }

    public string? Text { get; }

    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>Stores a document, which is UTF-8, as text.</summary>
    public static SqlValue FromUtf8(ReadOnlyMemory<byte> document) => new(SqlValueKind.Utf8, 0, null, document);

    public static implicit operator SqlValue(long value) => new(SqlValueKind.Number, value, null, default);

    public static implicit operator SqlValue(long? value) => value is { } number ? number : default(SqlValue);

    public static implicit operator SqlValue(string? value) => value is null ? default : new(SqlValueKind.Text, 0, value, default);

    public static implicit operator SqlValue(ReadOnlyMemory<byte> value) => new(SqlValueKind.Blob, 0, null, value);
}

/// <summary>The kinds of values.</summary>
internal enum SqlValueKind
{
    Null = 0,
    Number = 1,
    Text = 2,

    /// <summary>Text as bytes.</summary>
    Utf8 = 3,
    Blob = 4,
}
