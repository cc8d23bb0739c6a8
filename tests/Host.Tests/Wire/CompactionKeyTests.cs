using Microsoft.Extensions.Logging.Abstractions;
using PluginHost.Engine.Chains.Compaction;

namespace PluginHost.Tests.Wire;

/// <summary>The key that seals compaction items.</summary>
public sealed class CompactionKeyTests
{
    [Fact]
    public void Hosts_that_share_a_file_have_one_key_and_leave_nothing_beside_it()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "data", "compaction.key");
        var keys = new byte[8][];
        Parallel.For(0, keys.Length, i => keys[i] = CompactionKey.ReadOrCreate(file));

        Assert.All(keys, k => Assert.Equal(keys[0], k));
        Assert.Equal([file], Directory.GetFiles(Path.GetDirectoryName(file)!));
    }

    [Fact]
    public void A_key_that_cannot_be_read_costs_no_run()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("compaction.key", "no key");
        var text = CompactionSeal.From(file, NullLogger.Instance).Seal("acme", new("They met."));

        Assert.Equal("They met.", CompactionSeal.OfProcess.Open("acme", text)?.Summary);
    }
}
