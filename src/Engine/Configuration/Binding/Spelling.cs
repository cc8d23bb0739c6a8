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

    /// <summary>How many letters were left out, added, changed or swapped with their neighbour.</summary>
    private static int Distance(string a, string b)
    {
        var (before, above, row) = (new int[b.Length + 1], Enumerable.Range(0, b.Length + 1).ToArray(), new int[b.Length + 1]);
        for (var i = 1; i <= a.Length; i++)
        {
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                row[j] = Math.Min(Math.Min(above[j], row[j - 1]) + 1, above[j - 1] + (IsSame(a[i - 1], b[j - 1]) ? 0 : 1));
                if (i > 1 && j > 1 && IsSame(a[i - 1], b[j - 2]) && IsSame(a[i - 2], b[j - 1])) row[j] = Math.Min(row[j], before[j - 2] + 1);
            }

            (before, above, row) = (above, row, before);
        }

        return above[b.Length];
    }

    private static bool IsSame(char a, char b) => char.ToLowerInvariant(a) == char.ToLowerInvariant(b);
}
