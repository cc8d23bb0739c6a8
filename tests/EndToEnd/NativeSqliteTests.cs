namespace PluginHost.EndToEnd;

public sealed class NativeSqliteTests
{
    [Fact]
    public async Task One_native_SQLite_serves_the_stores_and_a_plugin_that_brings_its_own()
    {
        using var folder = WorkFolder.Configured("""
            {
              "PluginFolders": [ "plugins" ],
              "Agents": { "assistant": { "Chain": [ { "Plugin": "sqlite-history" }, { "Plugin": "sqlite-carrier" } ] } },
              "Sessions": { "Store": { "Plugin": "sqlite-sessions" } }
            }
            """);
        folder.Drop(BuildOutputs.SqliteCarrierFolder, "SqliteCarrierPlugin");
        Assert.NotEmpty(Directory.GetFiles(folder["plugins"], "*e_sqlite3*", SearchOption.AllDirectories));
        await using var host = await RunningHost.StartAsync(folder);
        Assert.Equal("Echo: hello (0 earlier messages)", await host.Api.AskAsync("ada", "hello"));

        // Where else to see which libraries another process has mapped differs by system, and is the same in effect.
        if (!OperatingSystem.IsLinux()) return;
        var mapped = (await File.ReadAllLinesAsync($"/proc/{host.Id}/maps"))
            .Where(line => line.Contains("sqlite3", StringComparison.Ordinal) && line.Contains(".so", StringComparison.Ordinal))
            .Select(line => line[line.IndexOf('/', StringComparison.Ordinal)..]).Distinct();
        Assert.StartsWith(Path.GetDirectoryName(BuildOutputs.HostAssembly)!, Assert.Single(mapped), StringComparison.Ordinal);
    }
}
