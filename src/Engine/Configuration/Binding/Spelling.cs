using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Engine.Configuration.Binding;

/// <summary>Suggests the name that a misspelt one was meant to be.</summary>
internal static class Spelling
{
    /// <summary>The error of a key that does not exist.</summary>
    public static ConfigurationError Unknown(string path, string name, IEnumerable<string> known) =>
        new(path, $"'{name}' is not known.{DidYouMean(name, known)}", $"Allowed are {List(known)}.");

    /// <summary>A sentence with the nearest known name, with a space before it; empty when none is near.</summary>
    public static string DidYouMean(string given, IEnumerable<string> known)
    {
        var nearest = known.Select(name => (name, distance: Distance(given, name))).OrderBy(c => c.distance).FirstOrDefault();
        return nearest.name is not null && nearest.distance <= Math.Max(1, given.Length / 3) ? $" Did you mean '{nearest.name}'?" : "";
    }

    /// <summary>A list of names for people, or a word for none.</summary>
    public static string List(IEnumerable<string> names) =>
        string.Join(", ", names.Order(StringComparer.Ordinal)) is { Length: > 0 } list ? list : "none";

    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var change = char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1;
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + change));
            }
        }

        return row[b.Length];
    }
}
