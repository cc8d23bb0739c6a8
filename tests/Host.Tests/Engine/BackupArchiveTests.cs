using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using PluginHost.Engine.Sessions.Backup;

namespace PluginHost.Tests.Engine;

/// <summary>A backup that a disk has changed is refused, wherever the changed byte is.</summary>
public sealed class BackupArchiveTests
{
    [Fact]
    public async Task Any_changed_byte_is_refused_or_changes_nothing_that_is_read()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "backup.zip");
        // Long runs of zeros, like the free pages of a database: there, some changed bytes of the compressed form mean the same.
        var content = new byte[40_000];
        Encoding.UTF8.GetBytes("a session and its messages").CopyTo(content, 20_000);
        Directory.CreateDirectory(Path.Combine(folder.Path, "source", "store"));
        await File.WriteAllBytesAsync(Path.Combine(folder.Path, "source", "store", "sessions.db"), content);
        var hash = Convert.ToHexStringLower(SHA256.HashData(content));
        var manifest = new BackupManifest(BackupManifest.CurrentFormat, "1.0.0", DateTimeOffset.UnixEpoch,
            [new("store", "sqlite-history", "sessions.db", new Dictionary<string, long> { ["sessions"] = 3 }, [new("sessions.db", content.Length, hash)])]);
        await using (var target = File.Create(file)) await BackupArchive.WriteAsync(Path.Combine(folder.Path, "source"), manifest, target, default);
        var whole = await File.ReadAllBytesAsync(file);
        var expected = JsonSerializer.Serialize(await BackupArchive.VerifyAsync(file, default));

        for (var i = 0; i < whole.Length; i++)
        {
            var changed = (byte[])whole.Clone();
            changed[i] ^= 0xff;
            await File.WriteAllBytesAsync(file, changed);
            try
            {
                // The archive compares its files with the manifest's hashes, so comparing the manifest is enough.
                var read = JsonSerializer.Serialize(await BackupArchive.VerifyAsync(file, default));
                Assert.True(expected == read, $"Byte {i} of {whole.Length}: {read}");
            }
            catch (InvalidDataException e)
            {
                Assert.Contains("is not a complete backup", e.Message, StringComparison.Ordinal);
            }
        }
    }
}
