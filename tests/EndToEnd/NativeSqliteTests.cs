namespace PluginHost.EndToEnd;

public sealed class NativeSqliteTests
{
    [LinuxFact]
    public async Task The_stores_and_a_plugin_with_its_own_SQLite_share_one_native_library()
    {
        using var folder = WorkFolder.Create("""
            {
              "PluginFolders": [ "plugins" ],
              "Agents": { "assistant": { "Chain": [ { "Plugin": "sqlite-history" }, { "Plugin": "sqlite-carrier" } ] } },
              "Sessions": { "Store": { "Plugin": "sqlite-sessions" } }
            }
            """);
        folder.InstallPlugin(BuildOutputs.SqliteCarrierFolder, "SqliteCarrierPlugin");
        Assert.NotEmpty(Directory.GetFiles(folder["plugins"], "*e_sqlite3*", SearchOption.AllDirectories));
        await using var host = await RunningHost.StartAsync(folder);
        Assert.Equal("Echo: hello (0 earlier messages)", await host.Api.AskAsync("ada", "hello"));

        // Only Linux lists the mapped libraries of another process in a file.
        var mapped = (await File.ReadAllLinesAsync($"/proc/{host.Id}/maps"))
            .Where(line => line.Contains("sqlite3", StringComparison.Ordinal) && line.Contains(".so", StringComparison.Ordinal))
            .Select(line => line[line.IndexOf('/', StringComparison.Ordinal)..]).Distinct();
        Assert.StartsWith(Path.GetDirectoryName(BuildOutputs.HostAssembly)!, Assert.Single(mapped), StringComparison.Ordinal);
    }
}
