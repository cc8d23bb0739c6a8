using System.Text.Json;

namespace PluginHost.ModelClients.Echo;

/// <summary>A command to the echo client to call a tool, one line of a message: <c>call tool {"argument": "value"}</c>.</summary>
/// <param name="Tool">The tool's name.</param>
/// <param name="Arguments">The arguments; empty for none, null when they are not a JSON object.</param>
internal sealed record EchoCommand(string Tool, Dictionary<string, object?>? Arguments)
{
    private const string Verb = "call ";

    /// <summary>Parses the text of a message.</summary>
    /// <returns>One command per line; empty when a line is not a command, so that prose about calls calls nothing.</returns>
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

        // Text that is not an object after the name is prose, for example "call me later".
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
            // The reply reports invalid JSON and duplicate keys.
            return null;
        }
    }
}
