using System.Text.Json.Serialization;

namespace PluginHost.Engine.Sessions.Backup;

/// <summary>What a backup holds. The last entry of its archive: an archive without it is incomplete.</summary>
/// <param name="Format">The version of the archive's format.</param>
/// <param name="Host">The version of the host that made it.</param>
/// <param name="CreatedAt">When the first copy began.</param>
/// <param name="Stores">The stores.</param>
internal sealed record BackupManifest(int Format, string Host, DateTimeOffset CreatedAt, IReadOnlyList<BackedUpStore> Stores)
{
    public const int CurrentFormat = 1;

    public const string EntryName = "manifest.json";
}

/// <summary>One store of a backup.</summary>
/// <param name="Folder">Its folder in the archive.</param>
/// <param name="Plugin">The plugin that made the copy and can put it back.</param>
/// <param name="Resource">What was copied.</param>
/// <param name="Counts">How many entries of each kind it holds.</param>
/// <param name="Files">Its files with their hashes.</param>
internal sealed record BackedUpStore(
    string Folder, string Plugin, string Resource, IReadOnlyDictionary<string, long> Counts, IReadOnlyList<BackedUpFile> Files);

/// <summary>One file of a store, by its path in the store's folder.</summary>
internal sealed record BackedUpFile(string Name, long Bytes, string Sha256);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    WriteIndented = true)]
[JsonSerializable(typeof(BackupManifest))]
internal sealed partial class BackupJson : JsonSerializerContext;
