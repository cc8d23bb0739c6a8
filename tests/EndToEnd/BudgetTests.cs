using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using PluginHost.ModelServer;

namespace PluginHost.EndToEnd;

/// <summary>Budgets over HTTP: by user, at both interfaces, and after the process was killed.</summary>
[Trait("Form", "Long")]
public sealed class BudgetTests
{
    private const string Configuration =
        """
        {
          "Agents": { "assistant": { "Chain": [ { "Plugin": "file-history", "Options": { "Path": "data/files" } },
            { "Plugin": "budget", "Options": { "Limits": [ { "Measure": "ModelCalls", "Max": 1, "Per": "User", "Window": "Day" } ] } } ] } },
          "Sessions": { "Store": { "Plugin": "file-sessions", "Options": { "Path": "data/files" } } }
        }
        """;

    [Fact]
    public async Task A_budget_of_a_user_outlives_a_killed_process()
    {
        await using var model = await FakeModel.StartAsync(new ModelReply { Text = ["Hello."] });
        using var folder = WorkFolder.Create(Configuration);
        await using (var first = await RunningHost.StartAsync(folder, [.. ModelVariables.Create(model)]))
        {
            using var answer = await first.Api.Http.PostAsJsonAsync("/v1/runs", new { input = "Hello.", user = "ada" });
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            await first.KillAsync();
        }

        await using var host = await RunningHost.StartAsync(folder, [.. ModelVariables.Create(model)]);
        using var refused = await host.Api.Http.PostAsJsonAsync("/v1/runs", new { input = "Hello.", user = "ada" });
        using var chat = await host.Api.Http.PostAsJsonAsync(
            "/v1/chat/completions", new { model = "assistant", user = "ada", messages = new[] { new { role = "user", content = "Hello." } } });
        using var other = await host.Api.Http.PostAsJsonAsync("/v1/runs", new { input = "Hello.", user = "bob" });

        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
        var problem = JsonNode.Parse(await refused.Content.ReadAsStringAsync())!;
        Assert.Equal("budget_exceeded", (string?)problem["code"]);
        Assert.Contains("1 model calls per user and day", (string?)problem["detail"], StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.TooManyRequests, chat.StatusCode);
        Assert.Equal("budget_exceeded", (string?)JsonNode.Parse(await chat.Content.ReadAsStringAsync())!["error"]!["code"]);
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
        Assert.Equal(2, model.Requests.Count);
    }
}
