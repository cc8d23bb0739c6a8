using System.Buffers;

namespace PluginHost.Api.Input;

/// <summary>The form of ids that callers choose.</summary>
internal static class Ids
{
    public const int MaxLength = 128;

    public const string Allowed = "1 to 128 of A-Z a-z 0-9 . _ ~ : - and not only dots";

    private static readonly SearchValues<char> Characters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._~:-");

    /// <summary>Whether the id may be used. Ids of dots alone are refused: clients and proxies take them out of a path.</summary>
    public static bool IsValid(string id) =>
        id.Length is > 0 and <= MaxLength && !id.AsSpan().ContainsAnyExcept(Characters) && id.AsSpan().ContainsAnyExcept('.');

    /// <summary>Checks an id and reports it when it is wrong.</summary>
    /// <returns>The id, or null when it is null or wrong.</returns>
    public static string? Check(string? id, string path, InputErrors errors)
    {
        if (id is null || IsValid(id)) return id;
        errors.Add(path, "This is not a valid id.", Allowed);
        return null;
    }
}
