using System.CommandLine;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Plugins.Loading;
using PluginHost.Engine.Sessions.Backup;

namespace PluginHost.Cli.Backups;

/// <summary><c>pluginhost restore FILE</c>: puts all stores of a backup back while the host is stopped.</summary>
internal static class RestoreCommand
{
    public static Command Create(CommandOptions options, HostPaths? paths = null)
    {
        var file = new Argument<FileInfo>("file") { Description = "A file that 'pluginhost backup' has written." };
        var replace = new Option<bool>("--replace") { Description = "Rename existing data and restore. Without it, existing data is an error." };
        var command = CommandOptions.CreateCommand("restore", "Put all sessions and histories of a backup back. The host must be stopped.");
        command.Arguments.Add(file);
        command.Options.Add(replace);
        command.SetAction((parsed, cancellationToken) => BackupErrors.WriteAsync(parsed.InvocationConfiguration.Error, async () =>
        {
            var source = parsed.GetValue(file)!.FullName;
            if (!File.Exists(source)) throw new FileNotFoundException($"There is no file '{source}'.");
            using var cache = new PluginCache();
            var setup = options.Load(parsed, paths, cache);
            if (setup.Configuration is null) throw new StartupException(setup.Errors);
            var manifest = await RestoreAsync(await OfflineStores.OpenAsync(setup), source, paths ?? HostPaths.Current, parsed.GetValue(replace), cancellationToken);
            parsed.InvocationConfiguration.Output.WriteLine($"Restored the backup of {manifest.CreatedAt:u}, made by PluginHost {manifest.Host}: {string.Join(", ", manifest.Stores.Select(s => s.Resource))}");
        }));
        return command;
    }

    private static async Task<BackupManifest> RestoreAsync(OfflineStores opened, string source, HostPaths paths, bool replace, CancellationToken cancellationToken)
    {
        await using var stores = opened;
        var folder = Path.Combine(paths.DataRoot, $".restore-{Guid.NewGuid():N}");
        try
        {
            PrivateCopy.CreateFolder(folder);
            var manifest = await BackupArchive.ExtractAsync(source, folder, cancellationToken);
            await stores.Backup.RestoreAsync(stores.Plugins, manifest, folder, replace, cancellationToken);
            return manifest;
        }
        finally
        {
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        }
    }
}
