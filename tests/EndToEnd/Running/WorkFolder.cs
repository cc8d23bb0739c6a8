namespace PluginHost.EndToEnd.Running;

/// <summary>A new temporary folder to run a host in. Disposing deletes it.</summary>
internal sealed class WorkFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("pluginhost-e2e-").FullName;

    /// <summary>Creates a folder with the shipped configuration.</summary>
    public static WorkFolder CreateShipped()
    {
        var folder = new WorkFolder();
        folder.Configure(File.ReadAllText(BuildOutputs.ShippedConfiguration));
        return folder;
    }

    /// <summary>Creates a folder with the given configuration.</summary>
    public static WorkFolder Create(string configuration)
    {
        var folder = new WorkFolder();
        folder.Configure(configuration);
        return folder;
    }

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Configure(string configuration) => Write("config/appsettings.json", configuration);

    public string Write(string name, string text)
    {
        var file = this[name];
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
        return file;
    }

    /// <summary>Copies a plugin into <c>plugins/{name}</c>, as an operator does.</summary>
    public void InstallPlugin(string pluginFolder, string name)
    {
        foreach (var file in Directory.GetFiles(pluginFolder, "*", SearchOption.AllDirectories))
        {
            var target = System.IO.Path.Combine(this["plugins"], name, System.IO.Path.GetRelativePath(pluginFolder, file));
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
