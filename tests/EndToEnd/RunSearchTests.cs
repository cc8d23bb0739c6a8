using System.Net.Http.Json;
using System.Text.Json.Nodes;
using PluginHost.ModelServer;

namespace PluginHost.EndToEnd;

/// <summary>Runs are found over all sessions: in progress, failed, not stored, and after a restart.</summary>
[Trait("Form", "Long")]
public sealed class RunSearchTests
{
    [Theory]
    [InlineData("sqlite")]
    [InlineData("files")]
    public async Task Errors_are_found_over_all_sessions_also_after_a_restart(string store)
    {
        await using var model = await FakeModel.StartAsync(new ModelReply(), new ModelReply { Status = 400, Error = "no such model" }, new ModelReply(), new ModelReply { Status = 400, Error = "again" });
        using var folder = Configurations.CreateFolder(store);
        (string, string)[] variables = ModelVariables.Create(model);
        string failed;
        await using (var host = await RunningHost.StartAsync(folder, variables))
        {
            await host.Api.RunAsync("ada", "hi");
            failed = (string)(await host.Api.PostAsync("/v1/sessions/ben/runs", new JsonObject { ["input"] = "hi" }, System.Net.HttpStatusCode.BadGateway))["run_id"]!;
            await host.Api.RunAsync("cat", "hi");
            var chat = new JsonObject { ["model"] = "assistant", ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "my secret" }) };
            using var answer = await host.Api.Http.PostAsJsonAsync("/v1/chat/completions", chat);
            var request = Assert.Single(answer.Headers.GetValues("x-request-id"));

            var troubles = (await host.Api.GetAsync("/v1/runs?trouble=true"))["data"]!.AsArray();

            Assert.Equal([(false, request), (true, (string?)troubles[1]!["trace_id"])], troubles.Select(r => ((bool)r!["stored"]!, (string?)r["trace_id"])));
            Assert.Equal(failed, (string?)troubles[1]!["id"]);
            Assert.Equal(("model_request_rejected", ""), ((string?)troubles[0]!["error"]!["type"], (string?)troubles[0]!["error"]!["message"]));
            Assert.NotEqual("", (string?)troubles[1]!["error"]!["message"]);
            Assert.Equal(4, (await host.Api.GetAsync("/v1/runs"))["data"]!.AsArray().Count);
            Assert.Equal([request], (await host.Api.GetAsync($"/v1/runs?trace_id={request}"))["data"]!.AsArray().Select(r => (string?)r!["trace_id"]));
            await host.StopAsync();
        }

        await using (var host = await RunningHost.StartAsync(folder, variables))
        {
            var found = Assert.Single((await host.Api.GetAsync("/v1/runs?error_type=model_request_rejected"))["data"]!.AsArray())!;
            Assert.Equal((failed, "ben", "failed"), ((string?)found["id"], (string?)found["session_id"], (string?)found["status"]));
        }
    }

    [Fact]
    public async Task A_run_in_progress_is_listed_first_and_once()
    {
        var hold = new Hold();
        await using var model = await FakeModel.StartAsync(new ModelReply(), new ModelReply { BeforeAnswer = hold });
        using var folder = WorkFolder.CreateShipped();
        await using var host = await RunningHost.StartAsync(folder, ModelVariables.Create(model));
        await host.Api.RunAsync("ada", "hi");
        var running = await host.Api.PostAsync("/v1/sessions/ben/runs", new JsonObject { ["input"] = "hi", ["background"] = true }, System.Net.HttpStatusCode.Accepted);
        await hold.Reached;

        var all = (await host.Api.GetAsync("/v1/runs"))["data"]!.AsArray();
        Assert.Equal(["running", "completed"], all.Select(r => (string?)r!["status"]));
        Assert.Equal((string?)running["id"], (string?)Assert.Single((await host.Api.GetAsync("/v1/runs?status=running"))["data"]!.AsArray())!["id"]);
        await host.Api.PostAsync($"/v1/sessions/ben/runs/{running["id"]}/cancel");
        Assert.Equal(["cancelled", "completed"], (await host.Api.GetAsync("/v1/runs"))["data"]!.AsArray().Select(r => (string?)r!["status"]));
    }

    [Fact]
    public async Task A_tenant_sees_its_own_runs_and_an_admin_those_of_all_without_texts()
    {
        using var folder = WorkFolder.CreateShipped();
        await using var host = await RunningHost.StartAsync(folder, Keys.WriteTo(folder));
        await host.CallAsync(Keys.Acme, "POST", "/v1/sessions/a/runs", """{"input":"hi"}""");
        await host.CallAsync(Keys.Globex, "POST", "/v1/sessions/g/runs", """{"input":"hi"}""");

        Assert.Equal(["a"], await SessionsAsync(host, Keys.Acme, ""));
        Assert.Equal(["a"], await SessionsAsync(host, Keys.Acme, "?tenant=acme"));
        Assert.Empty(await SessionsAsync(host, Keys.Admin, ""));
        Assert.Equal(["g", "a"], await SessionsAsync(host, Keys.Admin, "?tenant=*"));
        Assert.Equal(["g"], await SessionsAsync(host, Keys.Admin, "?tenant=globex"));
        Assert.Equal(403, (await host.CallAsync(Keys.Acme, "GET", "/v1/runs?tenant=globex")).Status);
        Assert.Equal(403, (await host.CallAsync(Keys.Acme, "GET", "/v1/runs?tenant=*")).Status);
    }

    private static async Task<IEnumerable<string?>> SessionsAsync(RunningHost host, string key, string query) =>
        JsonNode.Parse((await host.CallAsync(key, "GET", $"/v1/runs{query}")).Body)!["data"]!.AsArray().Select(r => (string?)r!["session_id"]);
}
