using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace PluginHost.Files.History;

/// <summary>Whether a line that cannot be read may hold content of a message, so that a delete reaches it too.</summary>
internal static class CorruptMention
{
    public static bool IsIn(ReadOnlySpan<byte> line, IReadOnlySet<string> ids)
    {
        foreach (var id in ids)
        {
            if (line.IndexOf(Encoding.UTF8.GetBytes(id)) >= 0) return true;
            if (line.IndexOf(JsonEncodedText.Encode(id, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes) >= 0) return true;
        }

        return false;
    }
}
