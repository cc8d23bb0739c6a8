using System.Net;
using System.Text.Json.Nodes;

namespace PluginHost.EndToEnd.Kills;

/// <summary>An approver's decision, and a cancellation, outlive the process that answered.</summary>
public sealed class ApprovalKillTests
{
    private const string Runs = "/v1/sessions/s/runs";

    [Theory]
    [InlineData("sqlite")]
    [InlineData("files")]
    public async Task A_decision_survives_kill_9_before_the_run_continues_and_the_tool_acts_once(string store)
    {
        await using var server = await LoopServer.StartAsync();
        using var folder = LoopConfiguration.CreateFolder(store, server, approve: true);
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
    public async Task A_run_that_was_cancelled_while_it_waited_stays_cancelled_after_kill_9(string store)
    {
        await using var server = await LoopServer.StartAsync();
        using var folder = LoopConfiguration.CreateFolder(store, server, approve: true);
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
