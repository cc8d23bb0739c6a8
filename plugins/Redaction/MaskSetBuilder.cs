namespace PluginHost.Redaction;

/// <summary>Creates patterns from options, and reports all errors together.</summary>
internal static class MaskSetBuilder
{
    private const int MaxLength = 1000;

    private static readonly string[] BuiltIn = ["email", "phone", "card"];

    /// <exception cref="ArgumentException">The options are invalid. The message lists all errors.</exception>
    public static MaskSet Build(RedactionOptions options)
    {
        var errors = new List<(string Option, string Message)>();
        var set = TryBuild(options, errors);
        return set ?? throw new ArgumentException(string.Join(" ", errors.Select(e => e.Message)));
    }

    /// <summary>Creates the patterns; null, with errors and the options that they belong to, when the options are invalid.</summary>
    public static MaskSet? TryBuild(RedactionOptions options, List<(string Option, string Message)> errors)
    {
        var mask = options.Mask ?? BuiltIn;
        foreach (var name in mask.Except(BuiltIn)) errors.Add(("Mask", $"Mask: unknown value '{name}'. Allowed values: {string.Join(", ", BuiltIn)}."));
        if (options.Replacement is null) errors.Add(("Replacement", "Replacement: must not be null. The default is [{name}]; an empty text removes the matched text."));

        var patterns = new List<Pattern>();
        foreach (var (index, pattern) in (options.Patterns ?? []).Index())
        {
            var name = string.IsNullOrWhiteSpace(pattern?.Name) ? $"#{patterns.Count + 1}" : pattern.Name;
            if (patterns.Any(p => p.Name == name)) errors.Add(($"Patterns:{index}:Name", $"Pattern '{name}': duplicate Name."));
            if (TryCreate(name, pattern, $"Patterns:{index}", errors) is { } created) patterns.Add(created);
        }

        if (mask.Count == 0 && options.Patterns is null or { Count: 0 }) errors.Add(("Mask", "Mask and Patterns must not both be empty."));
        if (errors.Count > 0) return null;

        if (mask.Contains("card")) patterns.Add(new CardPattern());
        if (mask.Contains("email")) patterns.Add(new EmailPattern());
        if (mask.Contains("phone")) patterns.Add(new PhonePattern());
        return new MaskSet(patterns, options.Replacement!);
    }

    private static RegexPattern? TryCreate(string name, PatternOptions? pattern, string path, List<(string Option, string Message)> errors)
    {
        var before = errors.Count;
        if (string.IsNullOrWhiteSpace(pattern?.Name)) errors.Add(($"{path}:Name", $"Pattern '{name}': Name is missing."));
        if (string.IsNullOrEmpty(pattern?.Regex)) errors.Add(($"{path}:Regex", $"Pattern '{name}': Regex is missing."));
        if (pattern?.MaxLength is null)
            errors.Add(($"{path}:MaxLength", $"Pattern '{name}': MaxLength is missing. Set it to the length of the longest match (1 to {MaxLength}): a stream holds back as much text."));
        else if (pattern.MaxLength is < 1 or > MaxLength)
            errors.Add(($"{path}:MaxLength", $"Pattern '{name}': MaxLength {pattern.MaxLength} is out of range. Allowed: 1 to {MaxLength}."));
        if (errors.Count > before) return null;
        try
        {
            return RegexPattern.Create(name, pattern!.Regex, pattern.MaxLength!.Value);
        }
        catch (FormatException e)
        {
            errors.Add(($"{path}:Regex", $"Pattern '{name}': invalid Regex '{pattern!.Regex}'. {e.Message}"));
            return null;
        }
    }
}
