using System.Buffers.Text;
using Microsoft.Extensions.AI;

namespace PluginHost.OpenAI;

/// <summary>Reads data that a request holds itself.</summary>
internal static class DataUrl
{
    /// <summary>Reads <c>data:type;base64,…</c>.</summary>
    /// <returns>Null unless it is one, of a type with this beginning.</returns>
    public static DataContent? TryRead(string url, string type)
    {
        const string Scheme = "data:";
        if (!url.StartsWith(Scheme + type, StringComparison.OrdinalIgnoreCase)) return null;
        var comma = url.IndexOf(',', StringComparison.Ordinal);
        if (comma < 0) return null;
        var head = url[Scheme.Length..comma].Split(';');
        return head[^1].Equals("base64", StringComparison.OrdinalIgnoreCase) ? FromBase64(url[(comma + 1)..], head[0]) : null;
    }

    /// <returns>Null when the text is not base64.</returns>
    public static DataContent? FromBase64(string text, string type) =>
        Base64.IsValid(text) ? new DataContent(Convert.FromBase64String(text), type) : null;
}
