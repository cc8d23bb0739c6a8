namespace PluginHost.Engine.Configuration.Model;

/// <summary>The folders that relative paths start from.</summary>
/// <param name="WorkingDirectory">Where the host was started: paths of the configuration are relative to it.</param>
/// <param name="BaseDirectory">Where the host's binary is: the plugins and the configuration that ship with it.</param>
internal sealed record HostPaths(string WorkingDirectory, string BaseDirectory)
{
    public static HostPaths Current => new(Environment.CurrentDirectory, AppContext.BaseDirectory);

    /// <summary>The folder for the files of plugins.</summary>
    public string DataRoot => Path.Combine(WorkingDirectory, "data");

    /// <summary>The folder for copies of plugins, unless the configuration names another one.</summary>
    public string PluginCache => Path.Combine(DataRoot, "plugin-cache");

    /// <summary>An absolute path stays; a relative one is below the working directory.</summary>
    public string Resolve(string path) => Path.GetFullPath(path, WorkingDirectory);
}
