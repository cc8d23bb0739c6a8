using System.Globalization;
using System.Text.RegularExpressions;

namespace PluginHost.OpenAI.Chat;

/// <summary>Turns the paths of errors in a run's input into paths of the request that it came from.</summary>
internal static partial class ChatPaths
{
    public static string From(string path, IReadOnlyList<int> positions) => Input().Replace(path, match =>
    {
        if (!match.Groups[1].Success) return "messages";
        var index = int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
        return index < positions.Count ? $"messages[{positions[index].ToString(CultureInfo.InvariantCulture)}]" : "messages";
    });

    [GeneratedRegex(@"^input(?:\[(\d+)\])?")]
    private static partial Regex Input();
}
