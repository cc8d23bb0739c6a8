using System.CommandLine;
using System.Globalization;
using PluginHost.Cli.Remote;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Plugins.Loading;
using PluginHost.Engine.Sessions.Backup;

namespace PluginHost.Cli.Backups;

/// <summary><c>pluginhost backup FILE</c>: copies all stores into one file, of a host that serves or of one that does not run.</summary>
internal static class BackupCommand
{
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(1);

    public static Command Create(CommandOptions options, HostPaths? paths = null)
    {
        var host = RemoteOptions.CreateForAdmin();
        var file = new Argument<FileInfo>("file") { Description = "The file to write, a zip archive. It must not exist." };
        var command = CommandOptions.CreateCommand("backup", "Copy all sessions and histories into one file. Use --url for a running host; without it, the host must be stopped.");
        command.Arguments.Add(file);
        host.AddTo(command);
        command.SetAction((parsed, cancellationToken) => BackupErrors.WriteAsync(parsed.InvocationConfiguration.Error, async () =>
        {
            var target = parsed.GetValue(file)!.FullName;
            if (File.Exists(target)) throw new IOException($"'{target}' exists. Choose another file.");
            var manifest = await WriteAsync(target, part => host.IsUrlGiven(parsed)
                ? DownloadAsync(host, parsed, part, cancellationToken)
                : CopyAsync(options, parsed, paths, part, cancellationToken), cancellationToken);
            foreach (var store in manifest.Stores)
                parsed.InvocationConfiguration.Output.WriteLine($"{store.Resource}: {string.Join(", ", store.Counts.Select(c => $"{c.Value} {c.Key}"))}");
            parsed.InvocationConfiguration.Output.WriteLine($"Written and checked: {target} ({new FileInfo(target).Length} bytes)");
        }));
        return command;
    }

    /// <summary>The file has its name only when it is complete and checked.</summary>
    private static async Task<BackupManifest> WriteAsync(string target, Func<FileStream, Task> write, CancellationToken cancellationToken)
    {
        // A new name: an existing file or folder could be another user's, or belong to another backup.
        var part = $"{target}.{Guid.NewGuid():N}.part";
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows()) options.UnixCreateMode = PrivateCopy.FileMode;
            await using (var stream = new FileStream(part, options))
            {
                await write(stream);
                stream.Flush(flushToDisk: true);
            }

            var manifest = await BackupArchive.VerifyAsync(part, cancellationToken);
            File.Move(part, target);
            return manifest;
        }
        finally
        {
            File.Delete(part);
        }
    }

    private static async Task CopyAsync(CommandOptions options, ParseResult parsed, HostPaths? paths, FileStream target, CancellationToken cancellationToken)
    {
        using var cache = new PluginCache();
        var setup = options.Load(parsed, paths, cache);
        if (setup.Configuration is null) throw new StartupException(setup.Errors);
        await using var stores = await OfflineStores.OpenAsync(setup);
        // Beside the file: other places may be small, or not writable.
        var folder = $"{target.Name}.copy";
        try
        {
            PrivateCopy.CreateFolder(folder);
            var manifest = await stores.Backup.CopyAsync(stores.Plugins, folder, cancellationToken);
            if (manifest.Stores.All(s => s.Files.Count == 0))
                throw new IOException($"There is no data in {string.Join(", ", manifest.Stores.Select(s => $"'{s.Resource}'"))}. Run the command in the working directory of the host.");
            await BackupArchive.WriteAsync(folder, manifest, target, cancellationToken);
        }
        finally
        {
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task DownloadAsync(RemoteOptions host, ParseResult parsed, Stream target, CancellationToken cancellationToken)
    {
        using var connection = host.Connect(parsed);
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1/backup");
        var answer = connection.SendAsync(request, cancellationToken);
        while (await Task.WhenAny(answer, Task.Delay(ProgressInterval, TimeProvider.System, cancellationToken)) != answer)
        {
            if (Console.IsErrorRedirected) continue;
            await WriteProgressAsync(connection, parsed.InvocationConfiguration.Error, cancellationToken);
        }

        if (!Console.IsErrorRedirected) await parsed.InvocationConfiguration.Error.WriteLineAsync();
        using var response = await answer;
        await response.Content.CopyToAsync(target, cancellationToken);
    }

    private static async Task WriteProgressAsync(HostConnection connection, TextWriter output, CancellationToken cancellationToken)
    {
        try
        {
            var state = await connection.GetAsync("v1/backup", cancellationToken);
            if (state.TryGetProperty("progress", out var done))
                await output.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"\r{done.GetDouble():P0} copied "));
        }
        catch (HostCallException)
        {
            // The backup itself reports what is wrong.
        }
    }
}
