using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using PluginHost.ModelServer;

namespace PluginHost.EndToEnd;

/// <summary>Callers of a model that fails learn what happened, not where the model is and how it is configured. The log has that.</summary>
public sealed class HiddenDetailTests
{
    private const string Variable = "INTERNAL_MODEL_KEY";

    [Theory]
    [InlineData("refuses")]
    [InlineData("is away")]
    [InlineData("has no key")]
    public async Task Callers_see_no_address_variable_or_path_and_the_log_has_them_with_the_runs_id(string model)
    {
        await using var server = await FakeModel.StartAsync(new ModelReply { Status = 401, Error = "Bad key." }, new ModelReply { Status = 401, Error = "Bad key." });
        var endpoint = server.Endpoint;
        using var folder = WorkFolder.CreateShipped();
        var keyFile = folder.Write("secrets/model-key", "k");
        (string, string) key = model == "has no key" ? ("Agents__assistant__Model__ApiKeyFile", keyFile) : ("Agents__assistant__Model__ApiKeyEnvironment", Variable);
        await using var host = await RunningHost.StartAsync(
            folder, [.. ModelVariables.Create(server), key, (Variable, "k"), ("Agents__assistant__Model__MaxRetries", "0")]);
        if (model == "has no key") File.Delete(keyFile);
        if (model == "is away") await server.DisposeAsync();
        var hidden = model switch { "refuses" => Variable, "is away" => endpoint, _ => keyFile };

        using var native = await host.Api.Http.PostAsJsonAsync("/v1/sessions/ada/runs", new { input = "hi" });
        using var chat = await host.Api.Http.PostAsJsonAsync("/v1/chat/completions", new { messages = new[] { new { role = "user", content = "hi" } } });
        var shown = await native.Content.ReadAsStringAsync();
        var run = JsonElement.Parse(shown).GetProperty("run_id").GetString()!;
        var stored = await host.Api.Http.GetStringAsync($"/v1/sessions/ada/runs/{run}");

        Assert.Equal((HttpStatusCode.BadGateway, HttpStatusCode.BadGateway), (native.StatusCode, chat.StatusCode));
        Assert.All([shown, stored, await chat.Content.ReadAsStringAsync()], text => Assert.All(
            [new Uri(endpoint).Authority, Variable, folder.Path], secret => Assert.DoesNotContain(secret, text, StringComparison.Ordinal)));
        await host.StopAsync();
        Assert.Contains(host.Output.Split('\n'), l => l.Contains(run, StringComparison.Ordinal) && l.Contains(hidden, StringComparison.Ordinal));
    }
}
