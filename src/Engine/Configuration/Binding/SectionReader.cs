using System.Text.Json.Nodes;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Configuration.Sources;

namespace PluginHost.Engine.Configuration.Binding;

/// <summary>
/// Reads the members of a section strictly and goes on after an error, so that all are reported at once. Members that are
/// not asked for are errors in <see cref="Finish"/>. Not thread-safe.
/// </summary>
/// <param name="section">The section.</param>
/// <param name="errors">Takes what is wrong.</param>
internal sealed class SectionReader(OptionsSection section, ICollection<ConfigurationError> errors)
{
    private readonly HashSet<string> _known = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Where the section stands.</summary>
    public string Path => section.Path;

    /// <summary>Takes what is wrong.</summary>
    public ICollection<ConfigurationError> Errors => errors;

    public string PathOf(string member) => section.Path.Length == 0 ? member : section.PathOf(member);

    public string? Text(string member) => (string?)Read(member, ScalarKind.Text);

    public bool? Boolean(string member) => (bool?)Read(member, ScalarKind.Boolean);

    public int? Int32(string member, int min, int max) => (int?)Within(member, Read(member, ScalarKind.Int32), min, max);

    public long? Int64(string member, long min, long max) => (long?)Within(member, Read(member, ScalarKind.Int64), min, max);

    /// <summary>More than zero and at most <paramref name="max"/>, a day unless given.</summary>
    public TimeSpan? Duration(string member, TimeSpan? max = null)
    {
        var limit = max ?? TimeSpan.FromDays(1);
        var value = (TimeSpan?)Read(member, ScalarKind.Duration);
        if (value is null || (value > TimeSpan.Zero && value <= limit)) return value;
        Wrong(member, $"{Show(member)} is out of range.", $"Allowed is more than zero and at most {limit}.");
        return null;
    }

    /// <summary>One of a few words, in any case; null when it is not given or not one of them.</summary>
    public T? Choice<T>(string member, params ReadOnlySpan<(string Word, T Value)> choices)
        where T : struct
    {
        if (Text(member) is not { } word) return null;
        foreach (var choice in choices)
        {
            if (choice.Word.Equals(word, StringComparison.OrdinalIgnoreCase)) return choice.Value;
        }

        var words = new List<string>();
        foreach (var choice in choices) words.Add(choice.Word);
        Wrong(
            member,
            $"{Show(member)} is not one of the choices.{Spelling.DidYouMean(word, words)}",
            $"Allowed are {string.Join(", ", words)}.");
        return null;
    }

    /// <summary>A list of texts; null when it is not given. Elements that are not text are errors, and left out.</summary>
    public IReadOnlyList<string>? Texts(string member)
    {
        if (Items(member, "a list of texts") is not { } items) return null;
        var result = new List<string>();
        foreach (var (item, path) in items)
        {
            if (item is not null && Scalar.TryRead(item, IsText(path), ScalarKind.Text, out var value)) result.Add((string)value);
            else errors.Add(new(path, $"{Scalar.Show(member, item)} is not text."));
        }

        return result;
    }

    /// <summary>The elements of a list with their paths; null when it is not given or not a list.</summary>
    public IReadOnlyList<(JsonNode? Item, string Path)>? Items(string member, string allowed)
    {
        if (!Has(member)) return null;
        if (section.Json[member] is JsonArray list) return [.. list.Select((item, i) => (item, $"{PathOf(member)}:{i}"))];
        Wrong(member, $"{Show(member)} is not a list.", $"Allowed is {allowed}, in square brackets.");
        return null;
    }

    /// <summary>A section below this one; null when it is not given or not a section.</summary>
    public SectionReader? Section(string member)
    {
        if (!Has(member)) return null;
        if (section.Json[member] is JsonObject json) return At(json, PathOf(member));
        Wrong(member, $"{Show(member)} is not a section.", "Allowed is an object, in braces.");
        return null;
    }

    /// <summary>The sections below this one by name; whatever else stands there is an error.</summary>
    public IReadOnlyList<(string Name, SectionReader Reader)> Sections() =>
        [.. section.Json.Select(m => m.Key).ToList().Select(name => (name, Section(name)!)).Where(m => m.Item2 is not null)];

    /// <summary>A reader of another part of the same configuration.</summary>
    public SectionReader At(JsonObject json, string path) => new(new(path, json, section.TextPaths), errors);

    /// <summary>The section as it is.</summary>
    public OptionsSection Raw => section;

    /// <summary>The members that nobody asked for, as a section of their own.</summary>
    public OptionsSection Rest()
    {
        var rest = new JsonObject(JsonFile.NodeOptions);
        foreach (var (name, value) in section.Json.Where(m => !_known.Contains(m.Key))) rest.Add(name, value?.DeepClone());
        return section with { Json = rest };
    }

    /// <summary>Reports the members that nobody asked for.</summary>
    public void Finish()
    {
        foreach (var (name, _) in section.Json)
        {
            if (!_known.Contains(name)) errors.Add(Unknown(PathOf(name), name, _known));
        }
    }

    /// <summary>The error of a key that does not exist.</summary>
    public static ConfigurationError Unknown(string path, string name, IEnumerable<string> known) =>
        new(path, $"'{name}' is not known.{Spelling.DidYouMean(name, known)}", $"Allowed are {Spelling.List(known)}.");

    /// <summary>Reports a member.</summary>
    public void Wrong(string member, string message, string? cure = null) => errors.Add(new(PathOf(member), message, cure));

    /// <summary>A member's value for an error message.</summary>
    public string Show(string member) => Scalar.Show(member, section.Json[member]);

    /// <summary>Whether a member is given; null counts as given.</summary>
    public bool Has(string member)
    {
        _known.Add(member);
        return section.Json.ContainsKey(member);
    }

    private bool IsText(string path) => section.TextPaths.Contains(path);

    private object? Read(string member, ScalarKind kind)
    {
        if (!Has(member)) return null;
        var node = section.Json[member];
        if (node is not null && Scalar.TryRead(node, IsText(PathOf(member)), kind, out var value)) return value;
        Wrong(member, $"{Show(member)} is not {Scalar.Describe(kind)}.{Quoted(node, kind)}");
        return null;
    }

    private static string Quoted(JsonNode? node, ScalarKind kind) =>
        node?.GetValueKind() == System.Text.Json.JsonValueKind.String && kind != ScalarKind.Duration
            && Scalar.Parse(node.GetValue<string>(), kind) is not null
            ? " Write it without quotes."
            : "";

    private object? Within<T>(string member, object? value, T min, T max)
        where T : IComparable<T>
    {
        if (value is not T number || (number.CompareTo(min) >= 0 && number.CompareTo(max) <= 0)) return value;
        Wrong(member, $"{number} is out of range.", $"Allowed are {min} to {max}.");
        return null;
    }
}
