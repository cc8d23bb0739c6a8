using System.CommandLine;
using System.Text.Json.Nodes;
using PluginHost.Cli;
using PluginHost.Cli.Backups;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Plugins;
using PluginHost.Engine.Sessions.InMemory;
using PluginHost.Engine.Sessions.Migration;
using PluginHost.ModelServer;
using PluginHost.Sdk;

namespace PluginHost.Tests.Outcomes;

/// <summary>All sessions move from one store to another with everything in them, on the stores that ship.</summary>
public sealed class MigrationTests
{
    private const string Approval = """{ "Plugin": "memory", "Host": { "Approve": ["remember"] } }""";

    public static TheoryData<string, string> Directions { get; } = new() { { "files", "sqlite" }, { "sqlite", "files" } };

    [Theory]
    [MemberData(nameof(Directions))]
    public async Task Everything_of_all_sessions_is_in_the_target_and_a_parked_run_continues_there(string from, string to)
    {
        using var source = new OutcomeSetup(from) { Behind = Approval };
        using var target = new OutcomeSetup(to) { Behind = Approval };
        await using var model = await FakeModel.StartAsync();
        List<string> before;
        string parked;
        await using (var host = await OutcomeHost.StartAsync(source, model))
        {
            await FillAsync(host, model);
            model.Enqueue(new ModelReply { Text = [], ToolCalls = [new ModelToolCall("c1", "remember", """{"fact":"The cat is black."}""")] });
            parked = (await host.RunAsync("parked", "hi")).Run("id");
            Assert.Contains(source.Data, (await MigrateAsync(source, target, model)).Error, StringComparison.Ordinal);
            before = await ReadAsync(host);
        }

        var (code, output, error) = await MigrateAsync(source, target, model);

        Assert.True(code == 0, error);
        Assert.StartsWith("4 sessions with 7 runs", output, StringComparison.Ordinal);
        Assert.Contains("4 of 4 (100", error, StringComparison.Ordinal);
        var again = await MigrateAsync(source, target, model);
        Assert.True(again.Code == 0, again.Error);
        Assert.Contains("4 were there already, 0 failed", again.Output, StringComparison.Ordinal);

        await using var next = await OutcomeHost.StartAsync(target, model);
        Assert.Equal(before, await ReadAsync(next));
        var asked = Assert.Single((await next.GetAsync("/v1/approvals")).Json.GetProperty("data").EnumerateArray());
        model.Enqueue(new ModelReply { Text = ["Noted."] });
        await next.PostAsync($"/v1/approvals/{asked.GetProperty("id").GetString()}", JsonNode.Parse("""{"approve":true}"""));
        Assert.Equal("completed", (await next.EndOfAsync("parked", parked)).GetProperty("status").GetString());
    }

    [Theory]
    [MemberData(nameof(Directions))]
    public async Task A_session_that_was_half_copied_is_copied_again(string from, string to)
    {
        using var source = new OutcomeSetup(from);
        using var target = new OutcomeSetup(to);
        await using var model = await FakeModel.StartAsync();
        List<string> before;
        await using (var host = await OutcomeHost.StartAsync(source, model))
        {
            for (var i = 0; i < 3; i++) (await host.RunAsync("s", $"turn {i}")).Run("id");
            before = await ReadAsync(host);
        }

        target.Write(model.Endpoint);
        await using (var stores = await OpenAsync(target))
        {
            var side = new MigrationSide("--to", stores.Plugins, stores.Caller);
            var key = new SessionKey("default", "s");
            await new SessionWrite(side, new SessionRecord { Key = key, Version = 3, CreatedAt = DateTimeOffset.UnixEpoch, UpdatedAt = DateTimeOffset.UnixEpoch }, runs: 3).SaveAsync(run: null);
            var message = new HistoryMessage { Id = "m", Origin = MessageOrigin.Input, Message = new(Microsoft.Extensions.AI.ChatRole.User, "half") };
            await side.AppendAsync(stores.Plugins.First(p => p.History is not null), new HistoryAppend { Session = key, Messages = [message] }, default);
        }

        var (code, output, error) = await MigrateAsync(source, target, model);

        Assert.True(code == 0, error);
        Assert.StartsWith("1 sessions with 3 runs and 6 messages", output, StringComparison.Ordinal);
        await using var next = await OutcomeHost.StartAsync(target, model);
        Assert.Equal(before, await ReadAsync(next));
    }

    [Fact]
    public async Task Other_content_in_the_target_is_an_error_that_stops_no_other_session_unless_it_is_to_be_replaced()
    {
        using var source = new OutcomeSetup("files") { Echo = true };
        using var target = new OutcomeSetup("sqlite") { Echo = true };
        await using var model = await FakeModel.StartAsync();
        List<string> before;
        await using (var host = await OutcomeHost.StartAsync(source, model))
        {
            foreach (var session in new[] { "a", "b" }) await host.RunAsync(session, "of the source");
            before = await ReadAsync(host);
        }

        await using (var other = await OutcomeHost.StartAsync(target, model)) await other.RunAsync("a", "of the target");

        var refused = await MigrateAsync(source, target, model);
        Assert.Equal(1, refused.Code);
        Assert.Contains("Session 'a' of tenant 'default': --to has it with other content", refused.Error, StringComparison.Ordinal);
        Assert.StartsWith("1 sessions with 1 runs and 2 messages copied and checked, 0 were there already, 1 failed", refused.Output, StringComparison.Ordinal);
        var replaced = await MigrateAsync(source, target, model, "--overwrite");
        Assert.True(replaced.Code == 0, replaced.Error);
        Assert.StartsWith("1 sessions with 1 runs and 2 messages copied and checked, 1 were there already, 0 failed", replaced.Output, StringComparison.Ordinal);

        await using var next = await OutcomeHost.StartAsync(target, model);
        Assert.Equal(before, await ReadAsync(next));
    }

    [Fact]
    public async Task A_history_without_a_partner_is_an_error_before_anything_is_copied()
    {
        using var source = new OutcomeSetup("sqlite") { Echo = true, Behind = """{ "Plugin": "sqlite-history", "Name": "audit", "Host": { "Load": false } }""" };
        using var target = new OutcomeSetup("files") { Echo = true };
        await using var model = await FakeModel.StartAsync();
        await using (var host = await OutcomeHost.StartAsync(source, model)) await host.RunAsync("s", "hi");

        var (code, _, error) = await MigrateAsync(source, target, model);

        Assert.Equal(1, code);
        Assert.Contains("no history for 'sqlite-history/audit' of agent 'assistant'", error, StringComparison.Ordinal);
        await using var next = await OutcomeHost.StartAsync(target, model);
        Assert.Equal(404, (await next.GetAsync("/v1/sessions/s")).Status);
    }

    [Fact]
    public void Histories_are_matched_by_their_names_and_the_others_in_the_order_of_the_chain()
    {
        var pairs = HistoryPairs.Match([History("sqlite-history"), History("sqlite-history", "audit")], [History("file-history", "audit"), History("file-history")]);

        Assert.Equal([("sqlite-history/audit", "file-history/audit"), ("sqlite-history", "file-history")], pairs.All.Select(p => (p.From.SourceId, p.To.SourceId)));
    }

    private static PluginInstance History(string plugin, string? name = null) =>
        new(new PluginEntry { Plugin = plugin, Name = name ?? plugin, Index = 0 }, "", new InMemoryHistory()) { Agent = "assistant" };

    /// <summary>A session with runs that completed, failed and were cancelled, one without runs, and an imported one.</summary>
    private static async Task FillAsync(OutcomeHost host, FakeModel model)
    {
        for (var i = 0; i < 3; i++) (await host.RunAsync("s", $"turn {i}")).Run("id");
        model.Enqueue(new ModelReply { Status = 400, Error = "no" });
        await host.RunAsync("s", "fails");
        model.Enqueue(new ModelReply { Text = [], ToolCalls = [new ModelToolCall("c0", "remember", """{"fact":"The dog is white."}""")] });
        var cancelled = (await host.RunAsync("s", "is cancelled")).Run("id");
        await host.CancelAsync("s", cancelled);
        (await host.RunAsync("s", "after all", key: "a-key")).Run("id");
        (await host.PostAsync("/v1/sessions", JsonNode.Parse("""{ "id": "empty", "metadata": { "k": "v" }, "state": { "shared": { "n": [1, 2.50] } } }"""))).Run("id", 201);
        var export = JsonNode.Parse((await host.GetAsync("/v1/sessions/s/export?messages=true")).Json.GetRawText())!;
        export["session_id"] = "imported";
        (await host.PostAsync("/v1/sessions/import", export)).Run("id", 201);
    }

    /// <summary>All sessions as callers see them. Histories are named by their plugins, which differ.</summary>
    private static async Task<List<string>> ReadAsync(OutcomeHost host)
    {
        var all = new List<string>();
        foreach (var session in (await host.GetAsync("/v1/sessions?limit=100")).Json.GetProperty("data").EnumerateArray())
        {
            var path = $"/v1/sessions/{session.GetProperty("id").GetString()}";
            foreach (var part in new[] { "", "/runs?limit=100", "/messages?limit=100&include_failed=true", "/export?messages=true" })
                all.Add((await host.GetAsync(path + part)).Json.GetRawText().Replace("file-history", "sqlite-history", StringComparison.Ordinal));
        }

        return all;
    }

    private static async Task<(int Code, string Output, string Error)> MigrateAsync(OutcomeSetup source, OutcomeSetup target, FakeModel model, params string[] options)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var root = CommandLine.CreateRoot(new(), PathsOf(source));
        string[] arguments = ["migrate", "--from", source.Write(model.Endpoint), "--to", target.Write(model.Endpoint), .. options];
        var code = await CommandLine.InvokeAsync(root, arguments, new InvocationConfiguration { Output = output, Error = error });
        return (code, output.ToString(), error.ToString());
    }

    private static async Task<OfflineStores> OpenAsync(OutcomeSetup setup)
    {
        var stores = await OfflineStores.OpenAsync(new CommandOptions().Load(Path.Combine(setup.Folder.Path, "config", "appsettings.json"), [], PathsOf(setup), cache: null));
        await stores.StartAsync(default);
        return stores;
    }

    private static HostPaths PathsOf(OutcomeSetup setup) => new(setup.Folder.Path, OutcomeSetup.HostFolder);
}
