using PluginHost.Engine.Chains;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Plugins.Loading;
using PluginHost.Engine.Sessions.Backup;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Http;
using PluginHost.Native.Resources.Admin;

namespace PluginHost.Native.Endpoints;

/// <summary>Back up all stores while the host serves.</summary>
internal static class BackupEndpoints
{
    private const string Zip = "application/zip";

    public static void MapBackup(this IEndpointRouteBuilder routes)
    {
        routes.MapCall("GET", "/v1/backup", Read, "readBackup", "Reads the progress of a backup.")
            .ForAdmins().Gives(200, typeof(BackupResource)).Refuses(400);
        routes.MapCall("POST", "/v1/backup", BackUpAsync, "createBackup", "Copies all stores while runs continue, and gives the copy as a zip archive. Its last entry, manifest.json, has the hashes of all others.")
            .ForAdmins().Gives(200, typeof(Stream), Zip).Refuses(400, 409);
    }

    private static Task Read(HttpContext context)
    {
        context.ReadNothing();
        var progress = context.Service<StoreBackup>().Progress;
        return context.WriteAsync(200, new BackupResource("backup", progress is null ? "idle" : "copying", progress), ApiJson.Default.BackupResource);
    }

    private static async Task BackUpAsync(HttpContext context)
    {
        context.ReadNothing();
        // Beside the data: other places may be small, or not writable.
        var folder = Path.Combine(HostPaths.Current.DataRoot, $".backup-{Guid.NewGuid():N}");
        var chains = context.Service<ChainHolder>().Lease();
        try
        {
            DeleteLeftovers(HostPaths.Current.DataRoot);
            PrivateCopy.CreateFolder(folder);
            var manifest = await context.Service<StoreBackup>().CopyAsync(chains.Plugins, folder, context.RequestAborted);
            var archive = Path.Combine(folder, "backup.zip");
            await using (var file = new FileStream(archive, FileMode.CreateNew)) await BackupArchive.WriteAsync(folder, manifest, file, context.RequestAborted);
            // From here on only the connection can fail.
            context.Response.ContentType = Zip;
            context.Response.ContentLength = new FileInfo(archive).Length;
            context.Response.Headers.ContentDisposition = $"attachment; filename=\"pluginhost-{manifest.CreatedAt:yyyyMMdd'T'HHmmss'Z'}.zip\"";
            await context.Response.SendFileAsync(archive, context.RequestAborted);
        }
        catch (Exception e) when (!context.Response.HasStarted && StorageFailure.IsOfStorage(e))
        {
            throw StorageFailure.Problem(e);
        }
        catch (Exception e) when (!context.Response.HasStarted && e is IOException or UnauthorizedAccessException)
        {
            throw new ProblemException(
                ProblemTypes.StorageUnavailable, $"The copy cannot be written: {CallerText.HidePaths(e.Message)} It needs free space for the data and its archive.");
        }
        finally
        {
            chains.Release();
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Deletes the copies of a process that was killed: they may hold deleted content.</summary>
    private static void DeleteLeftovers(string root)
    {
        if (!Directory.Exists(root)) return;
        using var process = System.Diagnostics.Process.GetCurrentProcess();
        var start = process.StartTime.ToUniversalTime();
        foreach (var left in Directory.EnumerateDirectories(root, ".backup-*").Where(f => Directory.GetCreationTimeUtc(f) < start).ToList())
            Directory.Delete(left, recursive: true);
    }
}
