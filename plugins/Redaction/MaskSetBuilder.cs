namespace PluginHost.Redaction;

/// <summary>Makes patterns from options, and says all that is wrong with them at once.</summary>
internal static class MaskSetBuilder
{
    private const int MaxLength = 1000;

    private static readonly string[] BuiltIn = ["email", "phone", "card"];

    /// <exception cref="ArgumentException">The options cannot be used.</exception>
    public static MaskSet Build(RedactionOptions options)
    {
        var errors = new List<string>();
        var mask = options.Mask ?? BuiltIn;
        foreach (var name in mask.Except(BuiltIn)) errors.Add($"Mask: '{name}' is not known; allowed are {string.Join(", ", BuiltIn)}.");
        if (options.Replacement is null) errors.Add("Replacement: null is not allowed; the default is [{name}], and an empty text removes what matches.");

        var patterns = new List<Pattern>();
        foreach (var pattern in options.Patterns ?? [])
        {
            var name = string.IsNullOrWhiteSpace(pattern?.Name) ? $"#{patterns.Count + 1}" : pattern.Name;
            if (patterns.Any(p => p.Name == name)) errors.Add($"Pattern '{name}': there are two of this name; names must differ.");
            if (Create(name, pattern, errors) is { } created) patterns.Add(created);
        }

        if (mask.Count == 0 && options.Patterns is null or { Count: 0 }) errors.Add("There is nothing to mask: Mask and Patterns are both empty.");
        if (errors.Count > 0) throw new ArgumentException(string.Join(" ", errors));

        if (mask.Contains("card")) patterns.Add(new CardPattern());
        if (mask.Contains("email")) patterns.Add(new EmailPattern());
        if (mask.Contains("phone")) patterns.Add(new PhonePattern());
        return new MaskSet(patterns, options.Replacement!);
    }

    private static RegexPattern? Create(string name, PatternOptions? pattern, List<string> errors)
    {
        var before = errors.Count;
        if (string.IsNullOrWhiteSpace(pattern?.Name)) errors.Add($"Pattern '{name}': it has no Name; give it one.");
        if (string.IsNullOrEmpty(pattern?.Regex)) errors.Add($"Pattern '{name}': it has no Regex; give it one.");
        if (pattern?.MaxLength is null)
            errors.Add($"Pattern '{name}': it has no MaxLength, so there is no bound to what a stream would have to hold back; set MaxLength to the length of its longest match (1 to {MaxLength}).");
        else if (pattern.MaxLength is < 1 or > MaxLength)
            errors.Add($"Pattern '{name}': MaxLength {pattern.MaxLength} is out of range; allowed are 1 to {MaxLength}.");
        if (errors.Count > before) return null;
        try
        {
            return RegexPattern.Create(name, pattern!.Regex, pattern.MaxLength!.Value);
        }
        catch (FormatException e)
        {
            errors.Add($"Pattern '{name}': Regex '{pattern!.Regex}' cannot be used: {e.Message}.");
            return null;
        }
    }
}
