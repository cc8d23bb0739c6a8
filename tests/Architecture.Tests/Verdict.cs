namespace PluginHost.Architecture;

/// <summary>Compares what a rule found with the exceptions from it.</summary>
internal static class Verdict
{
    /// <summary>Fails for each finding without an exception, and for each exception that is needed no longer.</summary>
    /// <param name="findings">What the rule found.</param>
    /// <param name="exceptions">The findings that are allowed, each with its reason.</param>
    public static void Check(IEnumerable<string> findings, IReadOnlyDictionary<string, string>? exceptions = null)
    {
        var found = findings.ToHashSet(StringComparer.Ordinal);
        var allowed = exceptions?.Keys.ToHashSet(StringComparer.Ordinal) ?? [];
        string[] wrong =
        [
            .. found.Except(allowed).Order(StringComparer.Ordinal),
            .. allowed.Except(found).Order(StringComparer.Ordinal).Select(e => $"Remove the exception, nothing needs it: {e}"),
        ];

        Assert.True(wrong.Length == 0, string.Join(Environment.NewLine, wrong));
    }
}
