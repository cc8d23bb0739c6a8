using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;

namespace PluginHost.Engine.Sessions.Backup;

/// <summary>The file of a backup: a zip archive with a folder for each store, and the manifest.</summary>
internal static class BackupArchive
{
    /// <summary>Writes the archive of a folder.</summary>
    public static async Task WriteAsync(string folder, BackupManifest manifest, FileStream target, CancellationToken cancellationToken)
    {
        await using var zip = await ZipArchive.CreateAsync(target, ZipArchiveMode.Create, leaveOpen: true, entryNameEncoding: null, cancellationToken);
        foreach (var store in manifest.Stores)
        {
            foreach (var file in store.Files)
            {
                await using var from = File.OpenRead(Path.Combine(folder, store.Folder, file.Name));
                await using var to = await zip.CreateEntry($"{store.Folder}/{file.Name}", CompressionLevel.Fastest).OpenAsync(cancellationToken);
                await from.CopyToAsync(to, cancellationToken);
            }
        }

        await using var last = await zip.CreateEntry(BackupManifest.EntryName).OpenAsync(cancellationToken);
        await JsonSerializer.SerializeAsync(last, manifest, BackupJson.Default.BackupManifest, cancellationToken);
    }

    /// <summary>Reads all of an archive and compares it with its manifest.</summary>
    /// <exception cref="InvalidDataException">The file is no backup, incomplete or changed.</exception>
    public static Task<BackupManifest> VerifyAsync(string file, CancellationToken cancellationToken) => ReadAsync(file, target: null, cancellationToken);

    /// <summary>Extracts an archive into an empty folder, and compares it with its manifest.</summary>
    /// <exception cref="InvalidDataException">The file is no backup, incomplete or changed.</exception>
    public static Task<BackupManifest> ExtractAsync(string file, string folder, CancellationToken cancellationToken) => ReadAsync(file, folder, cancellationToken);

    private static async Task<BackupManifest> ReadAsync(string file, string? target, CancellationToken cancellationToken)
    {
        try
        {
            await using var zip = await ZipFile.OpenReadAsync(file, cancellationToken);
            var manifest = await ReadManifestAsync(zip, cancellationToken);
            foreach (var store in manifest.Stores)
            {
                // The plugin reads this folder, even when the manifest lists no files in it.
                if (store.Folder is "" or "." or ".." || Path.GetFileName(store.Folder) != store.Folder)
                    throw new InvalidDataException($"'{store.Folder}' is not the name of a folder.");
                foreach (var expected in store.Files) await ReadFileAsync(zip, store, expected, target, cancellationToken);
            }

            return manifest;
        }
        catch (Exception e) when (e is InvalidDataException or JsonException)
        {
            throw new InvalidDataException($"'{file}' is not a complete backup: {e.Message}", e);
        }
    }

    private static async Task<BackupManifest> ReadManifestAsync(ZipArchive zip, CancellationToken cancellationToken)
    {
        var entry = zip.GetEntry(BackupManifest.EntryName) ?? throw new InvalidDataException($"it has no {BackupManifest.EntryName}.");
        await using var stream = await entry.OpenAsync(cancellationToken);
        var manifest = await JsonSerializer.DeserializeAsync(stream, BackupJson.Default.BackupManifest, cancellationToken);
        return manifest is { Format: BackupManifest.CurrentFormat, Stores: not null }
            ? manifest
            : throw new InvalidDataException($"it has format {manifest?.Format}, and this host reads {BackupManifest.CurrentFormat}.");
    }

    private static async Task ReadFileAsync(ZipArchive zip, BackedUpStore store, BackedUpFile expected, string? target, CancellationToken cancellationToken)
    {
        var name = $"{store.Folder}/{expected.Name}";
        var entry = zip.GetEntry(name) ?? throw new InvalidDataException($"{name} is missing.");
        await using var from = await entry.OpenAsync(cancellationToken);
        await using var to = target is null ? Stream.Null : Create(target, name);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[81_920];
        for (int read; (read = await from.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            hash.AppendData(buffer, 0, read);
            await to.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }

        if (Convert.ToHexStringLower(hash.GetHashAndReset()) != expected.Sha256) throw new InvalidDataException($"{name} was changed.");
    }

    private static FileStream Create(string target, string name)
    {
        var path = Path.GetFullPath(Path.Combine(target, name));
        // A crafted name must not lead out of the folder.
        if (!path.StartsWith(target + Path.DirectorySeparatorChar, StringComparison.Ordinal)) throw new InvalidDataException($"{name} is not a name in the backup.");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return new FileStream(path, FileMode.CreateNew);
    }
}
