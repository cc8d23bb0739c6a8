namespace PluginHost.Files.Tests;

/// <summary>Folders of earlier builds.</summary>
public sealed class EarlierFilesTests : FileTestBase
{
    [Fact]
    public async Task A_folder_of_version_1_is_read_changed_and_read_again()
    {
        var earlier = Path.Combine(AppContext.BaseDirectory, "Earlier", "version-1");
        foreach (var file in Directory.EnumerateFiles(earlier, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(FilesPath, Path.GetRelativePath(earlier, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        await EarlierStore.CheckAsync(OpenSessions(), OpenHistory());
        await OpenHistory().DeleteAsync(new HistoryDeletion { Session = new("default", "full"), MessageIds = ["unknown"] }, None);
        await CloseAsync();
        await EarlierStore.CheckAsync(OpenSessions(), OpenHistory());
        await EarlierStore.SaveAsync(OpenSessions());
    }

    [Fact]
    public async Task A_line_of_version_1_keeps_its_other_messages_when_one_is_deleted()
    {
        await OpenHistory().AppendAsync(Append("r2"), None);
        await CloseAsync();
        var line = """{"v":1,"tenant":"default","session":"s1","run":"r1","attempt":1,"step":0,"agent":"a","outcome":"cancelled","at":"2026-01-02T03:04:05+00:00","messages":[{"id":"m1","part":"input","message":{"role":"user","contents":[{"$type":"text","text":"one"}]}},{"id":"m2","part":"context","source":"memory","message":{"role":"system","contents":[]}}]}""";
        await File.WriteAllTextAsync(HistoryFile(), line + "\n" + await File.ReadAllTextAsync(HistoryFile()));

        await OpenHistory().DeleteAsync(new HistoryDeletion { Session = Session, MessageIds = ["m1"] }, None);

        var page = await OpenHistory().LoadAsync(new HistoryQuery { Session = Session, Limit = 10 }, None);
        var kept = page.Items[0];
        Assert.Equal(["m2", "r2.in", "r2.out"], page.Items.Select(m => m.Id));
        Assert.Equal((MessageOrigin.Context, "memory", "r1", "a", RunOutcome.Cancelled), (kept.Origin, kept.Source, kept.RunId, kept.Agent, kept.Outcome));
        Assert.Equal(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), kept.CreatedAt);
    }
}
