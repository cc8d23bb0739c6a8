using System.Text.Json;

namespace PluginHost.ModelClients.Echo;

/// <summary>One line of a message to the echo client that asks it to call a tool: <c>call tool {"argument": "value"}</c>.</summary>
/// <param name="Tool">The tool's name as written.</param>
/// <param name="Arguments">The arguments; empty when none are written, null when they are not a JSON object.</param>
internal sealed record EchoCommand(string Tool, Dictionary<string, object?>? Arguments)
{
    private const string Verb = "call ";

    /// <summary>Reads the text of a message.</summary>
    /// <returns>One command per line; empty when any line is something else, so that talking about calls calls nothing.</returns>
    public static IReadOnlyList<EchoCommand> Parse(string text)
    {
        var lines = text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var commands = lines.Select(ParseLine).OfType<EchoCommand>().ToArray();
        return commands.Length == lines.Length ? commands : [];
    }

    private static EchoCommand? ParseLine(string line)
    {
        if (!line.StartsWith(Verb, StringComparison.OrdinalIgnoreCase)) return null;
        var rest = line[Verb.Length..].Trim();
        var end = rest.IndexOfAny([' ', '{']);
        if (end < 0) return rest.Length == 0 ? null : new EchoCommand(rest, []);

        // Anything but an object after the name is prose, as in "call me later".
        var json = rest[end..].TrimStart();
        return end > 0 && json.StartsWith('{') ? new EchoCommand(rest[..end], ParseArguments(json)) : null;
    }

    private static Dictionary<string, object?>? ParseArguments(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.EnumerateObject().ToDictionary(p => p.Name, object? (p) => p.Value.Clone());
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            // Broken JSON, or one name twice: the reply says so.
            return null;
        }
    }
}
