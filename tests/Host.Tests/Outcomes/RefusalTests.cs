using System.Diagnostics.Metrics;
using System.Text.Json.Nodes;
using PluginHost.ModelServer;
using PluginHost.Tests.Telemetry;

namespace PluginHost.Tests.Outcomes;

/// <summary>A plugin refuses a run: callers get its code, and it is no failure of the plugin.</summary>
[Collection(TelemetryCollection.Name)]
public sealed class RefusalTests
{
    [Theory]
    [InlineData("Provide")]
    [InlineData("Before")]
    [InlineData("After")]
    [InlineData("Stream")]
    [InlineData("Wrap")]
    [InlineData("Chat")]
    [InlineData("Function")]
    [InlineData("Tool")]
    public async Task A_run_is_refused_at_every_place_even_when_the_plugin_may_be_skipped(string place)
    {
        var outcomes = new List<string?>();
        using var listener = Listen(outcomes);
        using var setup = Setup(place, """ "OnError": "skip" """);
        await using var host = await OutcomeHost.StartAsync(setup);
        if (place is "Function" or "Tool") host.Model.Enqueue(new ModelReply { Text = [], ToolCalls = [new ModelToolCall("c1", "work", "{}")] });

        var refused = await host.RunAsync("s", "hi");

        refused.IsProblem(403, "run-refused");
        Assert.Equal(("run_refused", "budget_exceeded", "The budget of May is used up."), (refused.Run("error_type", 403), refused.Run("code", 403), refused.Run("detail", 403)));
        Assert.Single(host.Log.Of("was refused by plugin 'refusing' (budget_exceeded)."));
        Assert.DoesNotContain(host.Log.Of(""), l => l.Level >= LogLevel.Warning && l.Text.Contains("refus", StringComparison.Ordinal));
        var run = await host.GetAsync($"/v1/sessions/s/runs/{refused.Run("run_id", 403)}");
        Assert.Equal("budget_exceeded", run.Json.GetProperty("error").GetProperty("code").GetString());
        Assert.False(run.Json.TryGetProperty("failures", out var failures) && failures.GetArrayLength() > 0);
        Assert.Empty(await host.StoredAsync("s"));
        lock (outcomes) Assert.Equal(["refused"], outcomes);
    }

    [Theory]
    [InlineData("/v1/chat/completions", """{"model":"assistant","messages":[{"role":"user","content":"hi"}]}""", """{"error":{"message":"The budget of May is used up.","type":"rate_limit_error","param":null,"code":"budget_exceeded"}}""")]
    [InlineData("/v1/responses", """{"model":"assistant","input":"hi"}""", """{"error":{"message":"The budget of May is used up.","type":"rate_limit_error","param":null,"code":"budget_exceeded"}}""")]
    [InlineData("/v1/messages", """{"model":"assistant","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}""", """{"type":"error","error":{"type":"rate_limit_error","message":"The budget of May is used up."}}""")]
    public async Task A_refusal_with_a_delay_is_429_with_it_at_each_interface(string path, string body, string expected)
    {
        using var setup = Setup("Before", "", """, "RetryAfter": "90s" """);
        await using var host = await OutcomeHost.StartAsync(setup);
        using var content = new StringContent(body, null, "application/json");

        using var response = await host.Http.PostAsync(path, content);

        var json = JsonNode.Parse(await response.Content.ReadAsStringAsync())!.AsObject();
        json.Remove("request_id");
        Assert.Equal((429, TimeSpan.FromSeconds(90)), ((int)response.StatusCode, response.Headers.RetryAfter?.Delta));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), json), json.ToJsonString());
    }

    [Fact]
    public async Task A_refusal_for_good_tells_clients_not_to_retry()
    {
        using var setup = Setup("Before", "");
        await using var host = await OutcomeHost.StartAsync(setup);
        using var content = new StringContent("""{"model":"assistant","input":"hi"}""", null, "application/json");

        using var response = await host.Http.PostAsync("/v1/responses", content);

        Assert.Equal((403, "false"), ((int)response.StatusCode, response.Headers.GetValues("x-should-retry").Single()));
    }

    [Fact]
    public async Task A_refused_run_that_is_streamed_ends_with_the_code_in_its_last_event()
    {
        using var setup = Setup("After", "");
        await using var host = await OutcomeHost.StartAsync(setup);

        using var events = await host.StreamAsync("s", "hi");
        var last = (await events.RestAsync())[^1];

        Assert.Equal(("run.failed", "run_refused", "budget_exceeded"), (last.Name, Error(last, "type"), Error(last, "code")));
        static string? Error((string? Id, string Name, System.Text.Json.JsonElement Data) e, string member) => e.Data.GetProperty("error").GetProperty(member).GetString();
    }

    private static MeterListener Listen(List<string?> outcomes)
    {
        var listener = new MeterListener { InstrumentPublished = (i, l) => { if (i.Name == "pluginhost.run.duration") l.EnableMeasurementEvents(i); } };
        listener.SetMeasurementEventCallback<double>((_, _, tags, _) =>
        {
            lock (outcomes) outcomes.Add(tags.ToArray().Single(t => t.Key == "pluginhost.run.outcome").Value as string);
        });
        listener.Start();
        return listener;
    }

    private static OutcomeSetup Setup(string place, string treated, string options = "") => new("sqlite")
    {
        Before = $$"""{ "Plugin": "refusing", "Host": { {{treated}} }, "Options": { "At": "{{place}}"{{options}} } }""",
    };
}
