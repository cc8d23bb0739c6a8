using System.Net;
using System.Text.Json.Nodes;
using PluginHost.ModelServer;
using PluginHost.Postgres.Tests.Server;

namespace PluginHost.EndToEnd.ManyHosts;

/// <summary>What people do to a run in progress through a host that does not have it, and hosts behind PgBouncer.</summary>
[Trait("Form", "Long")]
public sealed class ForeignRunTests
{
    private const string Runs = "/v1/sessions/ada/runs";

    [PostgresFact]
    public async Task A_run_gets_input_through_another_host()
    {
        var first = new Hold();
        await using var model = await FakeModel.StartAsync(new ModelReply { Text = ["first"], AfterFirstPiece = first }, new ModelReply { Text = ["second"] });
        await using var group = HostGroup.Create(await SharedServer.GetAsync(), "steered");
        var (owner, other) = (await group.StartAsync("owner", ModelVariables.Create(model)), await group.StartAsync("other", ModelVariables.Create(model)));
        var run = await StartAsync(owner);
        await first.Reached;

        await other.Api.PostAsync($"{run}/input", new JsonObject { ["input"] = "more" }, HttpStatusCode.Accepted);
        first.Release();
        await other.Api.Http.GetStringAsync(new Uri($"{run}/events", UriKind.Relative));

        Assert.Equal(["go", "first", "more", "second"], (await other.Api.ListMessagesAsync("ada")).Select(m => m.Text));
        await other.Api.PostAsync($"{run}/input", new JsonObject { ["input"] = "late" }, HttpStatusCode.Conflict);
    }

    [PostgresTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_call_is_approved_once_through_another_host_also_when_its_own_is_killed(bool killed)
    {
        var call = new ModelToolCall("call-1", "remember", """{"fact":"Ada likes tea."}""");
        await using var model = await FakeModel.StartAsync(new ModelReply { Text = [], ToolCalls = [call] }, new ModelReply { Text = ["done"] });
        await using var group = HostGroup.Create(await SharedServer.GetAsync(), killed ? "approved_killed" : "approved");
        (string, string)[] variables = [("Agents__careful__Model__Client", "openai"), ("Agents__careful__Model__Endpoint", model.Endpoint)];
        var (owner, other) = (await group.StartAsync("owner", variables), await group.StartAsync("other", variables));
        var run = await StartAsync(owner, "careful");
        await other.Api.Http.GetStringAsync(new Uri($"{run}/events", UriKind.Relative));
        if (killed) await owner.KillAsync();

        var waiting = Assert.Single((await other.Api.GetAsync("/v1/approvals"))["data"]!.AsArray())!;
        var approval = $"/v1/approvals/{waiting["id"]}";
        await other.Api.PostAsync(approval, new JsonObject { ["approve"] = true });
        await other.Api.Http.GetStringAsync(new Uri($"{run}/events", UriKind.Relative));

        Assert.Equal("completed", (string?)(await other.Api.GetAsync(run))["status"]);
        Assert.Equal("Ada likes tea.", (string?)(await other.Api.GetAsync("/v1/sessions/ada"))["state"]!["memory"]!["facts"]!["items"]![0]!["text"]);
        await other.Api.PostAsync(approval, new JsonObject { ["approve"] = false }, HttpStatusCode.Conflict);
    }

    [PostgresFact]
    public async Task A_host_that_gets_a_session_back_stops_its_old_runs_and_repeats_none_that_another_host_has_ended()
    {
        var held = new Hold();
        await using var model = await FakeModel.StartAsync(
            new ModelReply { Text = ["held"], BeforeAnswer = held }, new ModelReply { Text = ["one"] }, new ModelReply { Text = ["two"] }, new ModelReply { Text = ["three"] });
        await using var group = HostGroup.Create(await SharedServer.GetAsync(), "back");
        var (owner, other) = (await group.StartAsync("owner", ModelVariables.Create(model)), await group.StartAsync("other", ModelVariables.Create(model)));
        var running = await StartAsync(owner);
        await held.Reached;
        var queued = await StartAsync(owner, input: "next");

        await HostGroup.SuspendAsync(owner);
        await PostgresServer.WaitAsync(async () => (await ReadAsync(other, running), await ReadAsync(other, queued)) == ("completed", "completed"));
        await other.StopAsync();
        await HostGroup.ContinueAsync(owner);
        // A lease was missed; the next requests claim the session again.
        await PostgresServer.WaitAsync(async () => (await owner.Api.Http.GetAsync(new Uri("/health/ready", UriKind.Relative))).IsSuccessStatusCode);

        Assert.Equal("three", await owner.Api.AskAgentAsync("assistant", "ada", "and now"));
        Assert.Equal(("completed", "completed"), (await ReadAsync(owner, running), await ReadAsync(owner, queued)));
        Assert.Equal(["go", "one", "next", "two", "and now", "three"], (await owner.Api.ListMessagesAsync("ada")).Select(m => m.Text));
        Assert.Equal(4, model.Requests.Count);
    }

    [PgBouncerFact]
    public async Task Hosts_behind_PgBouncer_in_transaction_mode_keep_each_session_whole_and_take_over()
    {
        await using var bouncer = await PgBouncer.StartAsync((await SharedServer.GetAsync()).Port);
        await using var group = HostGroup.Create(PostgresServer.ConnectTo(bouncer.Port) + ";No Reset On Close=true", "bouncer");
        var hosts = await Task.WhenAll(group.StartAsync("first"), group.StartAsync("second"));
        var load = new SharedLoad(callers: 16, () => hosts[Random.Shared.Next(hosts.Length)].Api);
        using var stop = new CancellationTokenSource();

        var running = load.RunAsync(stop.Token);
        await load.WaitForMoreAsync(200);
        await hosts[0].KillAsync();
        await load.WaitForMoreAsync(200);
        await stop.CancelAsync();
        await running;

        await load.CheckAsync(hosts[1].Api);
    }

    private static async Task<string> ReadAsync(RunningHost host, string run) => (string)(await host.Api.GetAsync(run))["status"]!;

    private static async Task<string> StartAsync(RunningHost host, string agent = "assistant", string input = "go")
    {
        var run = await host.Api.PostAsync(Runs, new JsonObject { ["agent"] = agent, ["input"] = input, ["background"] = true }, HttpStatusCode.Accepted);
        return $"{Runs}/{run["id"]}";
    }
}
