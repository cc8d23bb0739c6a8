using PluginHost.Engine.Chains;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Plugins.Loading;
using PluginHost.Engine.Sessions.Backup;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Http;
using PluginHost.Native.Resources;

namespace PluginHost.Native.Endpoints;

/// <summary>Back up all stores while the host serves.</summary>
internal static class BackupEndpoints
{
    private const string Zip = "application/zip";

    public static void MapBackup(this IEndpointRouteBuilder routes)
    {
        routes.MapCall("GET", "/v1/backup", Read, "readBackup", "Reads how far a backup in progress is.")
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
            PrivateCopy.CreateFolder(folder);
            var manifest = await context.Service<StoreBackup>().CopyAsync(chains.Plugins, folder, context.RequestAborted);
            var archive = Path.Combine(folder, "backup.zip");
            await using (var file = new FileStream(archive, FileMode.CreateNew)) await BackupArchive.WriteAsync(folder, manifest, file, context.RequestAborted);
            // Nothing can fail any more but the connection.
            context.Response.ContentType = Zip;
            context.Response.ContentLength = new FileInfo(archive).Length;
            context.Response.Headers.ContentDisposition = $"attachment; filename=\"pluginhost-{manifest.CreatedAt:yyyyMMdd'T'HHmmss'Z'}.zip\"";
            await context.Response.SendFileAsync(archive, context.RequestAborted);
        }
        catch (Exception e) when (!context.Response.HasStarted && StorageFailure.IsOfStorage(e))
        {
            throw StorageFailure.Problem(e);
        }
        finally
        {
            chains.Release();
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        }
    }
}
