using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace PluginHost.EndToEnd;

/// <summary>A disk that fills up in the middle of a run: first writes fit, later ones do not.</summary>
[Trait("Form", "Long")]
public sealed class SmallDiskTests
{
    private const int Runs = 5;

    [LinuxTheory]
    [InlineData("sqlite")]
    [InlineData("files")]
    public async Task What_is_refused_on_a_full_disk_is_not_stored_and_deletions_make_room(string store)
    {
        using var folder = Configurations.CreateFolder(store);
        using var disk = new SmallDisk(folder["data"]);
        List<string> stored = ["one"];
        await using (var host = await RunningHost.StartAsync(folder, launcher: ["env", "--ignore-signal=XFSZ"]))
        {
            await host.Api.RunAsync("ada", "one");
            await host.Api.RunAsync("large", new string('x', 1_000_000));

            disk.Fill(host);
            var refused = 0;
            for (var i = 0; refused < Runs; i++)
            {
                var (status, detail) = await RunAsync(host, $"run {i}");
                if (status == HttpStatusCode.OK) stored.Add($"run {i}");
                else refused++;
                Assert.DoesNotContain("may be stored", detail, StringComparison.Ordinal);
            }

            Assert.Equal(stored, await InputsAsync(host));
            using var deleted = await host.Api.Http.DeleteAsync(new Uri("/v1/sessions/large", UriKind.Relative));
            Assert.True(deleted.IsSuccessStatusCode, await deleted.Content.ReadAsStringAsync());

            disk.Empty();
            await host.Api.RunAsync("ada", "two");
            stored.Add("two");
            await host.StopAsync();
        }

        await using var restarted = await RunningHost.StartAsync(folder);
        Assert.Equal(stored, await InputsAsync(restarted));
        Assert.Equal(stored.Count, (await restarted.Api.ListRunsAsync("ada")).Count);
        await restarted.Api.GetAsync("/v1/sessions/large", HttpStatusCode.NotFound);
        await restarted.StopAsync();
    }

    private static async Task<(HttpStatusCode Status, string Detail)> RunAsync(RunningHost host, string input)
    {
        // The run's record is larger than its messages, so that the messages still fit when the record does not.
        var metadata = Enumerable.Range(0, 16).ToDictionary(i => $"k{i}", _ => new string('m', 512));
        using var response = await host.Api.Http.PostAsJsonAsync("/v1/sessions/ada/runs", new { input, metadata });
        var body = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        Assert.True(response.StatusCode is HttpStatusCode.OK or HttpStatusCode.ServiceUnavailable, body.ToString());
        return (response.StatusCode, (string?)body["detail"] ?? "");
    }

    private static async Task<IEnumerable<string>> InputsAsync(RunningHost host) =>
        [.. (await host.Api.ListMessagesAsync("ada")).Where(m => m.Role == "user").Select(m => m.Text)];
}
