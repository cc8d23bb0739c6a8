using System.Diagnostics.Metrics;
using System.Text.Json;
using System.Text.Json.Nodes;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Hosting;
using PluginHost.Engine.Plugins.Catalog;
using PluginHost.Hosting;
using PluginHost.ModelServer;
using PluginHost.Tests.Telemetry;

namespace PluginHost.Tests.Outcomes;

/// <summary>A plugin that asks a model of the host's, over a real socket.</summary>
[Collection(TelemetryCollection.Name)]
public sealed class PluginModelTests
{
    private readonly Hold _hold = new();

    [Theory]
    [InlineData("", "gpt-4.1-mini")]
    [InlineData(""" "Model": "small", "Streams": true """, "small")]
    [InlineData(""" "Agent": "other", "Model": "small" """, "small")]
    public async Task A_plugin_asks_the_model_of_an_agent_by_its_own_or_another_name(string options, string model)
    {
        using var setup = Setup(options);
        await using var host = await OutcomeHost.StartAsync(setup);
        host.Model.Enqueue(new ModelReply { Text = ["we", "ather"] });

        var run = await RunAsync(host, "Rain?");

        Assert.Equal("completed", run.Run("status"));
        Assert.Equal(["user: What is this about? Rain?"], host.Sent(0));
        Assert.Equal(model, (string?)host.Model.Requests[0].Body["model"]);
        Assert.Contains("It is about weather", host.Model.Requests[1].Body.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(["user: Rain?", "assistant: Hello there"], await host.StoredAsync("s"));
    }

    [Fact]
    public async Task The_call_is_a_span_below_the_plugins_and_is_counted_with_its_name()
    {
        var counted = new List<(string Name, string? Plugin)>();
        using var listener = new MeterListener { InstrumentPublished = (i, l) => { if (i.Name == "gen_ai.client.operation.duration") l.EnableMeasurementEvents(i); } };
        listener.SetMeasurementEventCallback<double>((i, _, tags, _) =>
        {
            lock (counted) counted.Add((i.Name, tags.ToArray().FirstOrDefault(t => t.Key == "pluginhost.plugin.name").Value as string));
        });
        listener.Start();
        using var setup = Setup("", name: """ "Name": "counted", """);
        await using var host = await OutcomeHost.StartAsync(setup);

        var run = await RunAsync(host, "Rain?");
        var trace = await host.GetAsync($"/v1/sessions/s/runs/{run.Run("id")}/trace");

        var provide = Spans(trace.Json.GetProperty("root")).Single(s => Name(s) == "asking/counted context.provide");
        var call = Assert.Single(provide.GetProperty("spans").EnumerateArray());
        Assert.Equal("chat gpt-4.1-mini", Name(call));
        Assert.Equal("asking/counted", call.GetProperty("attributes").GetProperty("pluginhost.plugin.name").GetString());
        lock (counted) Assert.Single(counted, c => c.Plugin == "asking/counted");
    }

    [Fact]
    public async Task A_plugin_gets_embeddings_from_the_server_of_an_agent_and_they_are_traced()
    {
        using var setup = Setup(""" "Embeds": true, "Model": "embedder" """);
        await using var host = await OutcomeHost.StartAsync(setup);
        host.Model.Enqueue(new ModelReply { Body = """{"model":"embedder","data":[{"index":0,"embedding":[1,2,3]}],"usage":{"prompt_tokens":4}}""" });

        var run = await RunAsync(host, "Rain?");
        var trace = await host.GetAsync($"/v1/sessions/s/runs/{run.Run("id")}/trace");

        Assert.Equal("/v1/embeddings", host.Model.Requests[0].Path);
        Assert.Equal("embedder", (string?)host.Model.Requests[0].Body["model"]);
        Assert.Contains("It is about 3", host.Model.Requests[1].Body.ToJsonString(), StringComparison.Ordinal);
        var provide = Spans(trace.Json.GetProperty("root")).Single(s => Name(s) == "asking context.provide");
        var call = Assert.Single(provide.GetProperty("spans").EnumerateArray());
        Assert.Equal("embeddings embedder", Name(call));
        Assert.Equal("asking", call.GetProperty("attributes").GetProperty("pluginhost.plugin.name").GetString());
    }

    [Theory]
    [InlineData("")]
    [InlineData(""", "Embeds": true """)]
    public async Task A_cancelled_run_ends_the_call_although_the_plugin_passes_no_token(string options)
    {
        using var setup = Setup($$""" "IgnoresToken": true{{options}} """);
        await using var host = await OutcomeHost.StartAsync(setup);
        host.Model.Enqueue(new ModelReply { BeforeAnswer = _hold });

        var run = (await RunAsync(host, "Rain?", background: true)).Run("id", 202);
        await _hold.Reached;
        await host.CancelAsync("s", run);

        await _hold.Abandoned;
        Assert.Equal("cancelled", (await host.EndOfAsync("s", run)).GetProperty("status").GetString());
    }

    [Fact]
    public async Task The_time_of_a_run_ends_the_call_although_the_plugin_passes_no_token()
    {
        using var setup = Setup(""" "IgnoresToken": true """, """ "RunTimeout": "300ms" """);
        await using var host = await OutcomeHost.StartAsync(setup);
        host.Model.Enqueue(new ModelReply { BeforeAnswer = _hold });

        var run = await RunAsync(host, "Rain?");

        await _hold.Abandoned;
        Assert.Equal("run_timeout", run.Run("error_type", 504));
    }

    [Fact]
    public async Task What_a_plugin_keeps_for_a_run_is_there_for_its_observer_and_is_disposed_after_it_once()
    {
        using var setup = Setup("");
        await using var host = await OutcomeHost.StartAsync(setup);
        host.Model.Enqueue(new ModelReply { Text = ["one"] });
        host.Model.Enqueue(new ModelReply());
        host.Model.Enqueue(new ModelReply { Text = ["two"] });

        await RunAsync(host, "1");
        await RunAsync(host, "2");

        await host.Log.WaitForAsync("The note 'two' was disposed.");
        Assert.Single(host.Log.Of("asking noted 'one'."));
        Assert.Single(host.Log.Of("asking noted 'two'."));
        Assert.Single(host.Log.Of("The note 'one' was disposed."));
        var session = await host.GetAsync("/v1/sessions/s");
        Assert.DoesNotContain("Note", session.Json.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Work_in_the_background_is_cancelled_before_the_plugin_is_stopped()
    {
        using var setup = Setup("");
        await using var host = await OutcomeHost.StartAsync(setup);
        Assert.Empty(host.Log.Of("ends its background work"));

        await host.StopAsync();

        await host.Log.WaitForAsync("asking ends its background work.");
        Assert.Single(host.Log.Of("asking stops, told before: True."));
    }

    [Theory]
    [InlineData(""" "Agent": "asistant" """, "There is no agent 'asistant'. Did you mean 'assistant'? There are assistant, other.")]
    [InlineData(""" "InConstructor": true """, "The models do not exist yet.")]
    public async Task An_agent_that_does_not_exist_or_a_model_that_is_called_too_early_keeps_the_host_from_starting(string options, string message)
    {
        using var setup = Setup(options);
        var paths = new HostPaths(setup.Folder.Path, OutcomeSetup.HostFolder);
        var loaded = HostSetup.Load(setup.Write("http://127.0.0.1:1/v1"), new Dictionary<string, string>(), [], paths);
        await using var app = HostComposition.Build(loaded, () => loaded);

        var error = await Assert.ThrowsAsync<StartupException>(() => app.Services.GetRequiredService<HostRuntime>().StartAsync(default));

        Assert.Contains(message, Assert.Single(error.Errors).ToString(), StringComparison.Ordinal);
    }

    private static Task<Answer> RunAsync(OutcomeHost host, string input, bool background = false) => host.PostAsync(
        "/v1/sessions/s/runs", new JsonObject { ["agent"] = "assistant", ["input"] = input, ["background"] = background });

    private static OutcomeSetup Setup(string options, string sessions = "", string name = "") => new("sqlite")
    {
        Before = $$"""{ "Plugin": "asking", {{name}}"Host": { "OnError": "fail" }, "Options": { {{options}} } }""",
        Agents = new Dictionary<string, string> { ["other"] = """{ "Plugin": "witness" }""" },
        Sessions = sessions,
    };

    private static IEnumerable<JsonElement> Spans(JsonElement span) =>
        (span.TryGetProperty("spans", out var below) ? below.EnumerateArray().SelectMany(Spans) : []).Prepend(span);

    private static string Name(JsonElement span) => span.GetProperty("name").GetString()!;
}
