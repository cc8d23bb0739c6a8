using PluginHost.Engine.Configuration.Binding;
using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Engine.Plugins.Catalog;

/// <summary>A registered plugin, read from metadata without running its code. Immutable.</summary>
/// <param name="Name">The registered name.</param>
/// <param name="File">The assembly's file, absolute.</param>
internal sealed record PluginDescriptor(string Name, string File)
{
    /// <summary>The folder of the plugin, with its dependencies.</summary>
    public string Folder => Path.GetDirectoryName(File)!;

    /// <summary>At least one.</summary>
    public IReadOnlyList<PluginKind> Kinds { get; init; } = [];

    /// <summary>The version of the plugin's assembly, for people.</summary>
    public string Version { get; init; } = "";

    /// <summary>The hash of all files of the plugin's folder, which is what identifies this build of it. Empty when the files changed, or could not be read, before the hash was computed.</summary>
    public string Sha256
    {
        get
        {
            try
            {
                return Hash.Value;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return "";
            }
        }
    }

    /// <summary>The version of the SDK that the plugin was built on.</summary>
    public string SdkVersion { get; init; } = "";

    /// <summary>The summary of the class's documentation; null when there is none.</summary>
    public string? Summary => ReadSummary();

    /// <summary>Whether <c>OnError: skip</c> is allowed.</summary>
    public bool AllowSkip { get; init; } = true;

    public OptionType Options { get; init; } = OptionType.NoOptions;

    /// <summary>Reads <see cref="Summary"/>.</summary>
    internal Func<string?> ReadSummary { get; init; } = static () => null;

    /// <summary>Reads <see cref="Sha256"/>. Large folders that nothing uses must not delay a start.</summary>
    internal Lazy<string> Hash { get; init; } = new("");

    /// <summary>What its options may refer to.</summary>
    internal OptionSources Sources { get; init; } = OptionSources.None;

    /// <summary>Whether its options check themselves.</summary>
    internal bool ValidatesOptions { get; init; }

    /// <summary>The plugin's class.</summary>
    internal TypeReference Class { get; init; } = new("", "");

    /// <summary>The record or class of its options.</summary>
    internal TypeReference OptionsClass { get; init; } = new("", "");

    /// <summary>The file that is loaded, a copy of <see cref="File"/>.</summary>
    internal string Image { get; init; } = "";

    public bool Is(PluginKind kind) => Kinds.Contains(kind);

    public bool FitsIn(PluginPlace place) => Kinds.Any(k => k.Place == place);

    /// <summary>Reads options with defaults; null, with errors that name the plugin, when anything is wrong.</summary>
    public OptionValues? ReadOptions(OptionsSection section, List<ConfigurationError> errors)
    {
        var found = new List<ConfigurationError>();
        var values = new OptionsReader(found, Sources) { HidesByName = false }.ReadWhole(Options, section);
        var unknown = FindUnknown(section).Select(name => PluginErrors.UnknownOption(this, section, name)).ToList();
        errors.AddRange(unknown);
        errors.AddRange(found.Where(e => !unknown.Exists(u => u.Path == e.Path)).Select(e => PluginErrors.Option(this, e)));
        return values;
    }

    /// <summary>The names in a section that are no options of the plugin.</summary>
    public IEnumerable<string> FindUnknown(OptionsSection section) =>
        section.Json.Select(m => m.Key).Where(name => !Options.Members.Any(o => o.Name.Equals(name, StringComparison.OrdinalIgnoreCase)));
}
