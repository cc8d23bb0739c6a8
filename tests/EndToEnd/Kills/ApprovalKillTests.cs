using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using PluginHost.Postgres.Tests.Server;

namespace PluginHost.EndToEnd.Kills;

/// <summary>
/// An approver's decision, and a cancellation, outlive the process that answered. The long form of the random kills:
/// <c>PLUGINHOST_E2E_APPROVAL_KILLS=300 dotnet test tests/EndToEnd --filter ApprovalKillTests</c>.
/// </summary>
[Trait("Form", "Long")]
public sealed class ApprovalKillTests
{
    private const string Runs = "/v1/sessions/s/runs";

    private static readonly KillPoint[] Points = [KillPoint.HostServes, KillPoint.ModelAsked, KillPoint.ToolActed, KillPoint.RequestAnswered];

    [Theory]
    [InlineData("sqlite")]
    [InlineData("files")]
    [PostgresData("postgres")]
    public async Task Runs_with_approvals_survive_kill_9_at_random_points_and_no_tool_acts_twice(string store)
    {
        var kills = Environment.GetEnvironmentVariable("PLUGINHOST_E2E_APPROVAL_KILLS") is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : store == "sqlite" ? 4 : 2;
        await using var server = await LoopServer.StartAsync();
        using var folder = await LoopConfiguration.CreateFolderAsync(store, server, approve: true);
        var runs = new List<string>();
        for (var i = 0; i < kills; i++)
        {
            var point = Random.Shared.GetItems(Points, 1)[0];
            var trigger = new KillTrigger(point, point == KillPoint.HostServes ? 1 : Random.Shared.Next(1, 15));
            server.Trigger = trigger;
            await using var host = await RunningHost.StartAsync(folder, ("Sessions__MaxAttempts", "1000"));
            var acting = ActUntilLostAsync(host.Api, server, runs);
            trigger.Hit(KillPoint.HostServes);
            var first = await Task.WhenAny(trigger.Reached.WaitAsync(ChildProcess.TimeLimit), acting);
            await host.KillAsync();
            await acting;
            Assert.True(first.IsCompletedSuccessfully && trigger.Reached.IsCompleted, $"The host was not killed: {trigger}.\n{host.Transcript}");
        }

        await using var last = await RunningHost.StartAsync(folder, ("Sessions__MaxAttempts", "1000"));
        using var limit = new CancellationTokenSource(ChildProcess.TimeLimit);
        foreach (var run in runs)
        {
            while ((string?)(await last.Api.GetAsync(run))["status"] is not ("completed" or "failed" or "cancelled"))
            {
                await DecideAllAsync(last.Api, server);
                await Pace.WaitAsync(limit.Token);
            }

            Assert.Equal("completed", (string?)(await last.Api.GetAsync(run))["status"]);
        }

        Assert.Empty(server.Model.Wrong);
        Assert.All(server.Effects.Effects.Where(e => e.Tool == "charge").GroupBy(e => e.Key), key => Assert.Single(key));
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("files")]
    [PostgresData("postgres")]
    public async Task A_decision_survives_kill_9_before_the_run_continues_and_the_tool_acts_once(string store)
    {
        await using var server = await LoopServer.StartAsync();
        using var folder = await LoopConfiguration.CreateFolderAsync(store, server, approve: true);
        string run, approval;
        await using (var host = await RunningHost.StartAsync(folder))
        {
            (run, approval) = await ParkAsync(host);
            var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            server.BeforeRun = async aborted =>
            {
                begun.TrySetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, aborted);
            };
            await host.Api.PostAsync(approval, new JsonObject { ["approve"] = true, ["reason"] = "fine" });
            await begun.Task.WaitAsync(ChildProcess.TimeLimit);
            await host.KillAsync();
        }

        Assert.Empty(server.Effects.Effects);
        server.BeforeRun = static _ => Task.CompletedTask;
        await using var next = await RunningHost.StartAsync(folder);
        await next.Api.Http.GetStringAsync(new Uri($"{run}/events", UriKind.Relative));
        var decided = await next.Api.GetAsync(approval);

        Assert.Equal(("approved", "fine"), ((string?)decided["status"], (string?)decided["reason"]));
        Assert.Equal("completed", (string?)(await next.Api.GetAsync(run))["status"]);
        Assert.Equal("charge", Assert.Single(server.Effects.Effects).Tool);
        await next.Api.PostAsync(approval, new JsonObject { ["approve"] = false }, HttpStatusCode.Conflict);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("files")]
    [PostgresData("postgres")]
    public async Task A_run_that_was_cancelled_while_it_waited_stays_cancelled_after_kill_9(string store)
    {
        await using var server = await LoopServer.StartAsync();
        using var folder = await LoopConfiguration.CreateFolderAsync(store, server, approve: true);
        string run;
        await using (var host = await RunningHost.StartAsync(folder))
        {
            (run, _) = await ParkAsync(host);
            await host.Api.PostAsync($"{run}/cancel");
            await host.KillAsync();
        }

        await using var next = await RunningHost.StartAsync(folder);
        Assert.Equal("cancelled", (string?)(await next.Api.GetAsync(run))["status"]);
        Assert.Empty((await next.Api.GetAsync("/v1/approvals"))["data"]!.AsArray());
        Assert.Empty(server.Effects.Effects);
    }

    /// <summary>Sends runs, each on its own session, and approves what they ask for, until the host is lost.</summary>
    private static async Task ActUntilLostAsync(ApiClient api, LoopServer server, List<string> runs)
    {
        try
        {
            while (true)
            {
                var task = new LoopTask($"a{Guid.NewGuid():N}", runs.Count + 1, HasStableIds: true);
                var path = $"/v1/sessions/{task.Id}/runs";
                var run = await api.PostAsync(path, new JsonObject { ["input"] = task.Input, ["background"] = true }, HttpStatusCode.Accepted);
                runs.Add($"{path}/{run["id"]}");
                await DecideAllAsync(api, server);
                await Pace.WaitAsync(CancellationToken.None);
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            // The host was lost.
        }
    }

    private static async Task DecideAllAsync(ApiClient api, LoopServer server)
    {
        foreach (var approval in (await api.GetAsync("/v1/approvals?limit=100"))["data"]!.AsArray())
        {
            using var response = await api.Http.PostAsJsonAsync(new Uri($"/v1/approvals/{approval!["id"]}", UriKind.Relative), new JsonObject { ["approve"] = true });
            // The answer to an earlier decision may have been lost.
            Assert.True(response.StatusCode is HttpStatusCode.OK or HttpStatusCode.Conflict, await response.Content.ReadAsStringAsync());
            server.Hit(KillPoint.RequestAnswered);
        }
    }

    /// <summary>Starts a run with one charge and waits until it is parked.</summary>
    private static async Task<(string Run, string Approval)> ParkAsync(RunningHost host)
    {
        var task = Enumerable.Range(1, 1000).Select(seed => new LoopTask("t", seed, HasStableIds: true)).First(t => t.Steps.SelectMany(s => s.Calls).ToList() is [{ Tool: "charge" }]);
        var run = await host.Api.PostAsync(Runs, new JsonObject { ["input"] = task.Input, ["background"] = true }, HttpStatusCode.Accepted);
        var path = $"{Runs}/{run["id"]}";
        await host.Api.Http.GetStringAsync(new Uri($"{path}/events", UriKind.Relative));
        var waiting = (await host.Api.GetAsync("/v1/approvals"))["data"]!.AsArray();
        return (path, $"/v1/approvals/{Assert.Single(waiting)!["id"]}");
    }
}
