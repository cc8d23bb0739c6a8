using System.Globalization;
using System.Text.Json;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Sessions.Store;

namespace PluginHost.Http.Binding;

/// <summary>Collects all errors of one request, so that the caller gets them at once.</summary>
internal sealed class InputErrors
{
    /// <summary>Codes of errors; a value that is not allowed has none.</summary>
    public const string Missing = "missing_required_parameter", Unknown = "unknown_parameter", WrongKind = "invalid_type", Unsupported = "unsupported_parameter";

    private readonly List<ProblemError> _errors = [];

    public int Count => _errors.Count;

    public bool IsFull => _errors.Count == Problem.MaxErrors;

    public IReadOnlyList<ProblemError> All => _errors;

    public void Add(string path, string message, string? allowed = null, string? code = null)
    {
        if (!IsFull) _errors.Add(new ProblemError(path, message, allowed) { Code = code });
    }

    public void AddMissing(string path, string? allowed) => Add(path, "The field is required.", allowed, Missing);

    /// <summary>Refuses what the interface defines and the host does not support.</summary>
    public void AddUnsupported(string path, string? supported = null) => Add(path, "The host does not support this.", supported, Unsupported);

    /// <returns>Always null.</returns>
    public object? WrongType(JsonElement value, string allowed, string path = "")
    {
        Add(path, $"Expected {allowed}, got {JsonKinds.Name(value)}.", allowed, WrongKind);
        return null;
    }

    /// <summary>Reports a value that is nested deeper than allowed.</summary>
    public void CheckDepth(JsonElement value, int levels)
    {
        if (!JsonDepth.IsWithin(value, levels)) Add("", JsonDepth.TooDeep, JsonDepth.Allowed);
    }

    /// <summary>Reads a member of a body, or an element of a list. Paths grow from the inside out, so that a body without errors builds none.</summary>
    /// <param name="name">The member's name; null for an element.</param>
    /// <param name="reader">Reads it.</param>
    /// <param name="value">The value.</param>
    /// <param name="index">The element's index.</param>
    public object? Within(string? name, ValueReader reader, JsonElement value, int index = 0)
    {
        var before = _errors.Count;
        var read = reader.Read(value, this);
        if (_errors.Count > before) Prefix(before, name ?? At("", index));
        return read;
    }

    /// <exception cref="ProblemException">400 with all errors collected so far, if any.</exception>
    public void ThrowIfAny()
    {
        if (_errors.Count > 0) throw ProblemException.Invalid(_errors);
    }

    /// <summary>Reports an id that is not valid.</summary>
    /// <returns>The id; null when it is null or not valid.</returns>
    public string? CheckId(string? id, string path)
    {
        if (id is null || SessionIds.IsValid(id)) return id;
        Add(path, "This is not a valid id.", SessionIds.Allowed);
        return null;
    }

    /// <summary>Reports names that occur more than once in a list.</summary>
    public void CheckUnique(string path, IEnumerable<string?>? names)
    {
        if (names is null) return;
        foreach (var group in names.OfType<string>().GroupBy(n => n, StringComparer.Ordinal).Where(g => g.Skip(1).Any()))
            Add(path, $"Duplicate name '{group.Key}'.", "names that differ");
    }

    /// <summary>The path of a member with any name, also one that looks like an index.</summary>
    public static string NameOf(string name) => name.Length == 0 || name[0] == '[' ? $".{name}" : name;

    public static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    public static string At(string path, int index) => string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]");

    /// <summary>Puts the name of a member, or an index, before the paths of the errors since a count.</summary>
    public void Prefix(int from, string name)
    {
        name = ProblemError.Shorten(name);
        for (var i = from; i < _errors.Count; i++)
        {
            var rest = _errors[i].Path;
            _errors[i] = _errors[i] with { Path = rest.Length == 0 || rest[0] is '[' or '.' ? name + rest : Join(name, rest) };
        }
    }
}
