using System.Collections.ObjectModel;
using System.Text.Json.Nodes;

namespace PluginHost.Engine.Configuration.Model;

/// <summary>
/// Unbound options: a JSON object with the path it stands at. Values that came from the environment or the command line
/// are JSON strings listed in <see cref="TextPaths"/>, and may be parsed as what an option needs.
/// </summary>
/// <param name="Path">For error messages, for example <c>Agents:assistant:Chain:0</c>.</param>
/// <param name="Json">The members.</param>
/// <param name="TextPaths">Full paths of values that came as text.</param>
internal sealed record OptionsSection(string Path, JsonObject Json, IReadOnlySet<string> TextPaths)
{
    public static OptionsSection Empty { get; } = new("", [], new HashSet<string>());

    /// <summary>Where members stand that came from elsewhere: a default of the <c>Plugins</c> section keeps its own path.</summary>
    public IReadOnlyDictionary<string, string> MemberPaths { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>The full path of a member.</summary>
    public string PathOf(string member) => MemberPaths.TryGetValue(member, out var path) ? path : $"{Path}:{member}";
}
