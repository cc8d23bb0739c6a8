using System.Globalization;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Sessions.Store;

namespace PluginHost.Http.Binding;

/// <summary>Collects all that is wrong with one request, so that its sender learns it at once.</summary>
internal sealed class InputErrors
{
    // A body of a million wrong fields must not be answered with a million errors.
    private const int Most = 100;

    private readonly List<ProblemError> _errors = [];

    public int Count => _errors.Count;

    public IReadOnlyList<ProblemError> All => _errors;

    public void Add(string path, string message, string? allowed = null, string? code = null)
    {
        if (_errors.Count < Most) _errors.Add(new ProblemError(path, message, allowed) { Code = code });
    }

    /// <exception cref="ProblemException">400 with everything collected so far, when there is anything.</exception>
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

    public static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    public static string At(string path, int index) => string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]");
}
