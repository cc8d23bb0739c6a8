using System.Text.Json;
using System.Text.Json.Nodes;
using PluginHost.ModelServer;
using PluginHost.ModelServer.Identity;
using PluginHost.Tests.Models;

namespace PluginHost.Tests.Outcomes;

/// <summary>An agent whose model takes a token of Entra ID.</summary>
public sealed class EntraTests
{
    [Theory]
    [InlineData(400, false, "model_unauthorized")]
    [InlineData(400, true, "model_unauthorized")]
    [InlineData(500, false, "model_unreachable")]
    [InlineData(500, true, "model_unreachable")]
    public async Task A_run_without_a_token_fails_with_the_cure_in_the_log_and_the_next_run_completes(int status, bool streamed, string errorType)
    {
        var identity = await ManagedIdentity.CreateAsync(new IdentityReply { Status = status });
        using var setup = Setup(identity);
        await using var host = await OutcomeHost.StartAsync(setup);

        if (streamed)
        {
            var error = (await host.RunToEndAsync("s", "hi", streamed)).GetProperty("error");
            Assert.Equal((errorType, "The model failed: The host has no token for the model."), (error.GetProperty("type").GetString(), error.GetProperty("message").GetString()));
        }
        else
        {
            var failed = await host.RunAsync("s", "hi");
            failed.IsProblem(502, "run-failed");
            Assert.Equal(errorType, failed.Run("error_type", 502));
            Assert.Equal("The model failed: The host has no token for the model.", failed.Run("detail", 502));
        }

        Assert.Empty(host.Model.Requests);
        Assert.Contains(host.Log.Of("There is no token of Entra ID for the model"), l => l.Text.Contains($"Assign the managed identity {identity.ClientId}", StringComparison.Ordinal));
        Assert.Equal("completed", (await host.RunToEndAsync("s", "again", streamed)).GetProperty("status").GetString());
        Assert.Equal(["user: again"], host.Sent(0));
    }

    [Fact]
    public async Task The_token_is_on_every_request_to_the_model_and_in_nothing_that_the_host_says()
    {
        var identity = await ManagedIdentity.CreateAsync();
        using var setup = Setup(identity);
        await using var host = await OutcomeHost.StartAsync(setup);
        var said = new List<Answer>();

        said.Add(await host.RunAsync("s", "hi"));
        var token = Assert.Single(identity.Tokens);
        host.Model.Enqueue(new ModelReply { Body = """{"data":[{"index":0,"embedding":[1]}]}""" });
        said.Add(await host.PostAsync("/v1/embeddings", JsonNode.Parse("""{"model":"assistant","input":"a"}""")));
        host.Model.Enqueue(new ModelReply { Status = 401, Error = $"The token {token} has no access." });
        said.Add(await host.RunAsync("s", "again"));
        said.Add(await host.GetAsync($"/v1/sessions/s/runs/{said[0].Run("id")}/trace"));
        said.Add(await host.GetAsync($"/v1/sessions/s/runs/{said[2].Run("run_id", 502)}/trace"));
        said.Add(await host.GetAsync("/v1/configuration"));
        said.Add(await host.GetAsync("/v1/agents/assistant"));

        Assert.Equal("model_unauthorized", said[2].Run("error_type", 502));
        Assert.Contains("The token *** has no access.", said[2].Run("detail", 502), StringComparison.Ordinal);
        Assert.Contains(host.Log.Of("'Cognitive Services OpenAI User'"), l => l.Text.Contains("Entra ID", StringComparison.Ordinal));
        Assert.All(said, s => Assert.DoesNotContain(token, s.Json.GetRawText(), StringComparison.Ordinal));
        Assert.Empty(host.Log.Of(token));
        Assert.Equal(["/v1/chat/completions", "/v1/embeddings", "/v1/chat/completions"], host.Model.Requests.Select(r => r.Path));
        Assert.All(host.Model.Requests, r => Assert.Equal($"Bearer {token}", r.Headers["Authorization"]));
        Assert.Equal($"{identity.ClientId}", Value(said[5].Json, "Agents:assistant:Model:Options:Entra:ClientId"));
        Assert.Equal("ManagedIdentity", Value(said[5].Json, "Agents:assistant:Model:Options:Entra:Identity"));
    }

    private static string? Value(JsonElement configuration, string path) =>
        configuration.GetProperty("values").EnumerateArray().Single(v => v.GetProperty("path").GetString() == path).GetProperty("value").GetString();

    private static OutcomeSetup Setup(ManagedIdentity identity) => new("sqlite") { Model = $$""" "Entra": { "ClientId": "{{identity.ClientId}}" } """ };
}
