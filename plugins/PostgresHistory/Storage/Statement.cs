using System.Text;

namespace PluginHost.Postgres;

/// <summary>A statement with its values. <c>~.</c> in its text is the schema. Values have the places <c>$1</c>, <c>$2</c> and so on.</summary>
/// <param name="Sql">The text.</param>
/// <param name="Values">The values: <c>byte[]</c>, arrays of them, numbers, booleans, and null with a cast in the text.</param>
internal readonly record struct Statement(string Sql, params object?[] Values);

/// <summary>A statement that is put together from conditions.</summary>
internal sealed class StatementBuilder(string start)
{
    private readonly StringBuilder _sql = new(start);
    private readonly List<object?> _values = [];

    /// <summary>Adds a value and returns its place, for example <c>$3</c>.</summary>
    public string Place(object value)
    {
        _values.Add(value);
        return $"${_values.Count}";
    }

    public StatementBuilder Add(string sql)
    {
        _sql.Append(sql);
        return this;
    }

    public Statement Build() => new(_sql.ToString(), [.. _values]);
}

/// <summary>Ids and names as they are stored.</summary>
internal static class StoredText
{
    /// <summary>PostgreSQL's text cannot hold U+0000, and sorts by locale. Bytes have neither limit.</summary>
    public static byte[] ToBytes(string text) => Encoding.UTF8.GetBytes(text);

    public static string From(byte[] bytes) => Encoding.UTF8.GetString(bytes);

    public static byte[][] ToBytes(IEnumerable<string> texts) => [.. texts.Select(ToBytes)];
}
