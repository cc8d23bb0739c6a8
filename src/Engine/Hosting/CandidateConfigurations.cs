using PluginHost.Engine.Errors;
using PluginHost.Engine.Plugins.Catalog;

namespace PluginHost.Engine.Hosting;

/// <summary>
/// Reads configurations that are tried out and do not serve. They are files beside the host's own: what a configuration names is code and
/// files of this machine, so that who can only send requests must not bring one.
/// </summary>
/// <param name="own">The host's own file; null when it has none.</param>
/// <param name="load">Reads a file; null for the host's own, as it is now.</param>
internal sealed class CandidateConfigurations(string? own, Func<string?, HostSetup> load)
{
    private const string Allowed = "the name of a file in the folder of the host's configuration";

    /// <param name="name">The name of the file, or its path; null for the host's own file.</param>
    /// <exception cref="ProblemException">It is not beside the host's own.</exception>
    public HostSetup Load(string? name)
    {
        if (name is null) return load(null);
        var folder = own is null ? null : Path.GetDirectoryName(Path.GetFullPath(own));
        if (folder is null) throw Refused("The host has no configuration file.");
        if (name.Contains('\0')) throw Refused("The name of the file is not a name.");
        var file = Path.GetFullPath(name, folder);
        if (Path.GetDirectoryName(file) != folder) throw Refused("The file is not in the folder of the host's configuration.");
        if (!File.Exists(file)) throw Refused($"There is no file '{Path.GetFileName(file)}' in the folder of the host's configuration.");
        return load(file);
    }

    private static ProblemException Refused(string message) => ProblemException.Invalid(new ProblemError("config", message, Allowed));
}
