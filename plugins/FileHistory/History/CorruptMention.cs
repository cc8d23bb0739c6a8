using System.Text;
using System.Text.Json;

namespace PluginHost.Files.History;

/// <summary>Whether a line that cannot be read may hold content of a message, so that a delete reaches it too.</summary>
internal static class CorruptMention
{
    public static bool IsIn(ReadOnlySpan<byte> line, IReadOnlySet<string> ids)
    {
        try
        {
            HistoryLine.Read(line, withMessages: false);
            return false;
        }
        catch (JsonException)
        {
            // Only a line that cannot be read is searched as text.
            foreach (var id in ids)
            {
                if (line.IndexOf(Encoding.UTF8.GetBytes(id)) >= 0) return true;
            }

            return false;
        }
    }
}
