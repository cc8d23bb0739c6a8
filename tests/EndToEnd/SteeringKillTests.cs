using System.Net;
using System.Text.Json.Nodes;
using PluginHost.ModelServer;
using PluginHost.Postgres.Tests.Server;

namespace PluginHost.EndToEnd;

/// <summary>Input for a run in progress whose host is killed, before and after the model has it.</summary>
[Trait("Form", "Long")]
public sealed class SteeringKillTests
{
    private const string Run = "/v1/sessions/s/runs";

    private readonly Hold _first = new();
    private readonly Hold _second = new();

    [Theory]
    [InlineData("sqlite", true)]
    [InlineData("sqlite", false)]
    [InlineData("files", true)]
    [InlineData("files", false)]
    [PostgresData("postgres", true)]
    [PostgresData("postgres", false)]
    public async Task Input_that_was_accepted_survives_kill_9_and_the_model_is_given_it_once(string store, bool modelHasIt)
    {
        using var folder = await Configurations.CreateFolderAsync(store);
        await using var model = await FakeModel.StartAsync(
            new ModelReply { Text = ["first"], AfterFirstPiece = _first }, new ModelReply { Text = ["second"], BeforeAnswer = _second });
        string path;
        await using (var host = await RunningHost.StartAsync(folder, ModelVariables.Create(model)))
        {
            var run = await host.Api.PostAsync(Run, new JsonObject { ["input"] = "go", ["background"] = true }, HttpStatusCode.Accepted);
            path = $"{Run}/{run["id"]}";
            await _first.Reached;
            await host.Api.PostAsync($"{path}/input", new JsonObject { ["input"] = "one" }, HttpStatusCode.Accepted);
            await host.Api.PostAsync($"{path}/input", new JsonObject { ["input"] = "two" }, HttpStatusCode.Accepted);
            if (modelHasIt)
            {
                _first.Release();
                await _second.Reached;
            }

            await host.KillAsync();
        }

        _first.Release();
        _second.Release();
        await using var next = await RunningHost.StartAsync(folder, ModelVariables.Create(model));
        await next.Api.Http.GetStringAsync(new Uri($"{path}/events", UriKind.Relative));
        var ended = await next.Api.GetAsync(path);
        var messages = await next.Api.GetAsync("/v1/sessions/s/messages");

        Assert.Equal("completed", (string?)ended["status"]);
        var request = model.Requests[^1].Body["messages"]!.AsArray().Where(m => (string?)m!["role"] == "user").Select(m => TextOf(m!));
        Assert.Equal(["go", "one", "two"], request);
        Assert.Equal(["go", "one", "two"], messages["data"]!.AsArray().Where(m => (string?)m!["role"] == "user").Select(m => TextOf(m!)));
        Assert.Equal(["one", "two"], ended["output"]!.AsArray().Where(m => (string?)m!["role"] == "user").Select(m => TextOf(m!)));
    }

    private static string TextOf(JsonNode message) =>
        message["content"] is JsonArray parts ? string.Concat(parts.Select(p => (string?)p!["text"])) : (string)message["content"]!;
}
