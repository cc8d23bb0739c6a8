using System.Text;
using PluginHost.Engine.Configuration.Binding;

namespace PluginHost.Engine.Configuration.Sources;

/// <summary>The file as it was read, and what lies over it: knows where each value comes from. Immutable.</summary>
/// <param name="file">The file.</param>
/// <param name="text">Its text.</param>
/// <param name="overrides">The values of the environment and the command line, by path.</param>
internal sealed class ConfigurationText(string file, string text, IReadOnlyDictionary<string, ValueSource> overrides)
{
    private const string Hidden = "(hidden)";

    // Most hosts are never asked.
    private readonly Lazy<IReadOnlyList<JsonToken>> _tokens = new(() => JsonTokens.Read(text));
    private readonly Lazy<IReadOnlyDictionary<string, int>> _lines = new(() => FindLines(JsonTokens.Read(text)));

    public string File { get; } = file;

    public string Text { get; } = text;

    /// <summary>Where the value with a path comes from; null when it is not in the configuration.</summary>
    public ValueSource? Find(string path) => overrides.TryGetValue(path, out var given) ? given
        : _lines.Value.TryGetValue(path, out var line) ? new ValueSource(ValueOrigin.File, File, line) : null;

    /// <summary>The line of a path, or of the nearest section above it that the file has; null when there is none.</summary>
    public int? FindLine(string path)
    {
        while (path.Length > 0)
        {
            if (_lines.Value.TryGetValue(path, out var line)) return line;
            path = path[..Math.Max(0, path.LastIndexOf(':'))];
        }

        return null;
    }

    /// <summary>The lines of the file without its secrets.</summary>
    /// <param name="isSecret">Whether the text at a path is one. Also asked for comments, with an empty path.</param>
    public IReadOnlyList<string> HideSecrets(Func<string, string, bool> isSecret)
    {
        var bytes = Encoding.UTF8.GetBytes(Text);
        var shown = new StringBuilder();
        var end = 0;
        foreach (var token in _tokens.Value.Where(t => t.Kind != TokenKind.Start))
        {
            var given = Encoding.UTF8.GetString(bytes, token.Start, token.Length);
            if (token.Kind == TokenKind.Comment ? !Scalar.IsSecret(given) && !isSecret("", given) : !isSecret(token.Path, given)) continue;
            shown.Append(Encoding.UTF8.GetString(bytes, end, token.Start - end)).Append(token.Kind == TokenKind.Comment ? Blank(given) : $"\"{Hidden}\"");
            end = token.Start + token.Length;
        }

        shown.Append(Encoding.UTF8.GetString(bytes, end, bytes.Length - end));
        return shown.ToString().ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');
    }

    /// <summary>A comment may hold a setting that is commented out. As many lines stay, so that the numbers of the others do not change.</summary>
    private static string Blank(string comment)
    {
        var lines = new string('\n', comment.Count(c => c == '\n'));
        return comment.StartsWith("//", StringComparison.Ordinal) ? $"// {Hidden}{lines}" : $"/* {Hidden}{lines} */";
    }

    private static Dictionary<string, int> FindLines(IReadOnlyList<JsonToken> tokens)
    {
        var lines = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        foreach (var token in tokens.Where(t => t.Kind == TokenKind.Start)) lines.TryAdd(token.Path, token.Line);
        return lines;
    }
}
