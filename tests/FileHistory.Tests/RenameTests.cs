namespace PluginHost.Files.Tests;

/// <summary>A file that another program has open cannot be replaced on Windows.</summary>
public sealed class RenameTests : FileTestBase
{
    [Fact]
    public async Task A_save_waits_for_a_program_that_has_the_file_open()
    {
        var disk = new FailingFileWriter { LocksOpen = true, RenamesInUse = 3 };
        var sessions = OpenSessions(disk);

        await sessions.SaveAsync(Save(1, Run("r1")), None);

        Assert.Equal(0, disk.RenamesInUse);
        Assert.True(File.Exists(SessionFile()));
    }

    [Fact]
    public async Task Where_open_files_can_be_replaced_a_missing_right_is_reported_at_once()
    {
        var disk = new FailingFileWriter { RenamesInUse = 2 };
        var sessions = OpenSessions(disk);

        var error = await Assert.ThrowsAsync<StorageException>(() => sessions.SaveAsync(Save(1, Run("r1")), None).AsTask());

        Assert.Contains("denied", error.Message, StringComparison.Ordinal);
        Assert.Equal(1, disk.RenamesInUse);
    }
}
