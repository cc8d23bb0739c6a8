using System.Globalization;

namespace PluginHost.EndToEnd;

/// <summary>Runs the host in little memory, as in a small container.</summary>
[Trait("Form", "Long")]
public sealed class MemoryTests
{
    private const long HeapBytes = 400L * 1024 * 1024;

    [Fact]
    public async Task Thirty_runs_of_four_megabytes_succeed_in_a_heap_that_cannot_hold_them()
    {
        using var folder = WorkFolder.CreateShipped();
        await using var host = await RunningHost.StartAsync(folder, ("DOTNET_GCHeapHardLimit", HeapBytes.ToString("x", CultureInfo.InvariantCulture)));
        var input = new string('x', 4_000_000);
        for (var i = 0; i < 30; i++)
        {
            var run = await host.Api.RunAsync($"s{i}", input);
            Assert.Equal("completed", (string)run["status"]!);
        }

        // The first run is not in memory any more; the store has it.
        var first = Assert.Single(await host.Api.ListRunsAsync("s0"));
        Assert.Equal("Echo: ".Length + input.Length + " (0 earlier messages)".Length, ((string)first["text"]!).Length);
    }
}
