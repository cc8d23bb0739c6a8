using System.Globalization;
using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Engine.Configuration.Access;

/// <summary>
/// The file of hashed keys: one to a line, <c>&lt;tenant&gt; sha256:&lt;64 hexadecimal digits&gt; [admin]</c>. Empty lines and what
/// follows a # are skipped.
/// </summary>
internal static class KeyFile
{
    private const string Setting = "Server:KeyFile";
    private const string Prefix = "sha256:";
    private const string Cure = "A line is <tenant> sha256:<64 hexadecimal digits> [admin]; pluginhost keys new writes one.";

    private static readonly char[] Blanks = [' ', '\t'];

    /// <summary>A key as a line of the file.</summary>
    public static string ToLine(ApiKey key) => $"{key.Tenant} {Prefix}{key.Hash}{(key.IsAdmin ? " admin" : "")}";

    /// <summary>Reads the file; errors quote none of its content.</summary>
    public static IReadOnlyList<ApiKey> Read(string file, ICollection<ConfigurationError> errors)
    {
        try
        {
            return Parse(File.ReadAllText(file), file, errors);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            errors.Add(new(Setting, $"The file of keys cannot be read: {e.Message}", Cure));
            return [];
        }
    }

    /// <summary>Reads the file's text.</summary>
    public static IReadOnlyList<ApiKey> Parse(string text, string file, ICollection<ConfigurationError> errors)
    {
        var keys = new List<ApiKey>();
        var lines = text.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            var words = lines[i].Split('#', 2)[0].TrimEnd('\r').Split(Blanks, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0) continue;
            var path = string.Create(CultureInfo.InvariantCulture, $"{Setting} ({file}, line {i + 1})");
            if (WhatIsWrong(words) is { } wrong) errors.Add(new(path, wrong, Cure));
            else if (keys.Exists(k => k.Hash == HashOf(words))) errors.Add(new(path, "Duplicate key.", "Keep one of the lines."));
            else keys.Add(new ApiKey(words[0], HashOf(words), words.Length == 3));
        }

        return keys;
    }

    /// <summary>The error of a start with a file that holds no key, where nothing else lets a caller in.</summary>
    public static ConfigurationError HoldsNone(string file) => new(Setting, $"The file '{file}' holds no key.", Cure);

    private static string HashOf(string[] words) => words[1][Prefix.Length..].ToLowerInvariant();

    private static string? WhatIsWrong(string[] words)
    {
        if (!TenantIds.IsValid(words[0])) return $"The first word is not a tenant (it is not shown). Allowed are {TenantIds.Allowed}.";
        if (words.Length < 2 || !IsHash(words[1])) return "The second word is not the SHA-256 of a key (it is not shown; a key itself may not be written here).";
        return words.Length == 2 || (words.Length == 3 && words[2] == "admin") ? null : "After the hash there is something else than 'admin'.";
    }

    private static bool IsHash(string word) =>
        word.StartsWith(Prefix, StringComparison.Ordinal) && word.Length == Prefix.Length + 64 && word.AsSpan(Prefix.Length).IndexOfAnyExcept(HexDigits) < 0;

    private static readonly System.Buffers.SearchValues<char> HexDigits = System.Buffers.SearchValues.Create("0123456789abcdefABCDEF");
}
