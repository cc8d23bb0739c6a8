using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Runs.Live;
using PluginHost.Engine.Sessions.Admin;
using PluginHost.ModelServer;
using PluginHost.Sdk;

namespace PluginHost.Tests.Outcomes;

/// <summary>Explanations that are kept in the session store.</summary>
public sealed class StoredExplanationTests
{
    private const string InSession = "\"Explain\": { \"Store\": \"session\" }";

    public static TheoryData<string> Stores => OutcomeSetup.Stores;

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task They_are_read_and_replayed_after_a_restart(string store)
    {
        using var setup = new OutcomeSetup(store) { Root = InSession, Behind = """{ "Plugin": "memory" }""" };
        await using var model = await FakeModel.StartAsync();
        var (ids, before) = (new List<string>(), new List<string>());
        await using (var host = await OutcomeHost.StartAsync(setup, model))
        {
            for (var i = 0; i < 3; i++) ids.Add((await host.RunAsync("s", $"message {i}")).Run("id"));
            foreach (var id in ids) before.Add(await ExplainAsync(host, id));
            await host.StopAsync();
        }

        await using var next = await OutcomeHost.StartAsync(setup, model);
        for (var i = 0; i < ids.Count; i++) Assert.Equal(before[i], await ExplainAsync(next, ids[i]));
        var replay = (await next.PostAsync("/v1/sessions/s/replay")).Json;

        Assert.Equal(ids, replay.GetProperty("runs").EnumerateArray().Select(r => r.GetProperty("run_id").GetString()));
        Assert.Equal((3, 0, 0), (Count(replay, "same"), Count(replay, "different"), Count(replay, "not_replayed")));
        Assert.Equal(0, next.Services.GetRequiredService<LiveRuns>().Explanations.Bytes);
    }

    [Fact]
    public async Task By_default_a_restart_forgets_them()
    {
        using var setup = new OutcomeSetup("sqlite");
        await using var model = await FakeModel.StartAsync();
        string id;
        await using (var host = await OutcomeHost.StartAsync(setup, model))
        {
            id = (await host.RunAsync("s", "hi")).Run("id");
            await host.StopAsync();
        }

        await using var next = await OutcomeHost.StartAsync(setup, model);
        (await next.GetAsync($"/v1/sessions/s/runs/{id}/explain")).IsProblem(404, "explanation-not-kept");
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task No_byte_of_them_is_left_when_messages_runs_or_sessions_are_deleted(string store)
    {
        using var setup = new OutcomeSetup(store) { Root = InSession, Echo = true, Behind = """{ "Plugin": "redaction" }""" };
        await using var host = await OutcomeHost.StartAsync(setup);
        // In no message of the history: the answer has it masked.
        async Task<string> RunAsync(string session, string secret)
        {
            var id = (await host.RunAsync(session, $"write to {secret}@example.org")).Run("id");
            await UntilWrittenAsync(host);
            Assert.True(IsStored(setup, $"{secret}@example.org"));
            return id;
        }

        var first = await RunAsync("by-message", "anna");
        var messages = (await host.GetAsync("/v1/sessions/by-message/messages")).Json.GetProperty("data").EnumerateArray().Select(m => m.GetProperty("id").GetString()!).ToList();
        await host.Services.GetRequiredService<SessionService>().DeleteMessagesAsync(new SessionKey("default", "by-message"), messages, default);
        (await host.GetAsync($"/v1/sessions/by-message/runs/{first}/explain")).IsProblem(404, "explanation-not-kept");
        Assert.False(IsStored(setup, "anna@example.org"));

        await RunAsync("by-session", "bert");
        Assert.Equal(200, (await host.SendAsync(HttpMethod.Delete, "/v1/sessions/by-session")).Status);
        Assert.False(IsStored(setup, "bert@example.org"));

        var earlier = (await host.PostAsync("/v1/responses", new JsonObject { ["model"] = "assistant", ["input"] = "hi" })).Run("id");
        var input = new JsonObject { ["model"] = "assistant", ["input"] = "write to cleo@example.org", ["previous_response_id"] = earlier };
        var response = (await host.PostAsync("/v1/responses", input)).Run("id");
        await UntilWrittenAsync(host);
        Assert.True(IsStored(setup, "cleo@example.org"));
        Assert.Equal(200, (await host.SendAsync(HttpMethod.Delete, $"/v1/responses/{response}")).Status);
        Assert.False(IsStored(setup, "cleo@example.org"));
        Assert.Equal(200, (await host.GetAsync($"/v1/responses/{earlier}")).Status);
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Each_tenant_has_its_own_and_so_many_bytes(string store)
    {
        using var setup = new OutcomeSetup(store)
        {
            Root = "\"Explain\": { \"Store\": \"session\", \"StoreTenantBytes\": 30000 }",
            Keys = [ApiKey.Create("key-of-tenant-a", "a", isAdmin: false), ApiKey.Create("key-of-tenant-b", "b", isAdmin: true)],
            Echo = true,
        };
        await using var host = await OutcomeHost.StartAsync(setup);
        host.Http.DefaultRequestHeaders.Authorization = new("Bearer", "key-of-tenant-a");
        var ofA = (await host.RunAsync("s", "of a")).Run("id");
        host.Http.DefaultRequestHeaders.Authorization = new("Bearer", "key-of-tenant-b");
        var ofB = new List<string>();
        for (var i = 0; i < 8; i++) ofB.Add((await host.RunAsync($"s{i}", new string('x', 2000))).Run("id"));
        await UntilWrittenAsync(host);

        (await host.GetAsync($"/v1/sessions/s/runs/{ofA}/explain")).IsProblem(404, "run-not-found");
        var refused = await host.GetAsync($"/v1/sessions/s0/runs/{ofB[0]}/explain");
        refused.IsProblem(404, "explanation-not-kept");
        Assert.Contains("Explain:StoreTenantBytes", refused.Json.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(200, (await host.GetAsync($"/v1/sessions/s7/runs/{ofB[7]}/explain")).Status);
        host.Http.DefaultRequestHeaders.Authorization = new("Bearer", "key-of-tenant-a");
        Assert.Equal(200, (await host.GetAsync($"/v1/sessions/s/runs/{ofA}/explain")).Status);
    }

    [Fact]
    public async Task A_store_that_keeps_none_is_refused_by_name()
    {
        using var setup = new OutcomeSetup("files")
        {
            Text = """
                { "PluginFolders": [ "FOLDER/plugins" ], "Agents": { "assistant": { "Model": { "Client": "echo" } } }, "Sessions": { "Store": { "Plugin": "good-store" } },
                  "Server": { "Listen": [ "http://127.0.0.1:0" ] }, "Explain": { "Store": "session" } }
                """,
        };
        var plugin = Directory.CreateDirectory(Path.Combine(setup.Folder.Path, "plugins", "GoodPlugin"));
        foreach (var file in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "fixtures", "GoodPlugin"))) File.Copy(file, Path.Combine(plugin.FullName, Path.GetFileName(file)));

        var refused = await Assert.ThrowsAsync<StartupException>(() => OutcomeHost.StartAsync(setup));

        var error = Assert.Single(refused.Errors);
        Assert.Equal("Explain:Store", error.Path);
        Assert.Contains("good-store", error.Message, StringComparison.Ordinal);
    }

    private static int Count(JsonElement replay, string result) => replay.GetProperty(result).GetInt32();

    private static async Task<string> ExplainAsync(OutcomeHost host, string run)
    {
        var answer = await host.GetAsync($"/v1/sessions/s/runs/{run}/explain");
        Assert.True(answer.Status == 200, answer.Json.GetRawText());
        return answer.Json.GetRawText();
    }

    private static async Task UntilWrittenAsync(OutcomeHost host)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (host.Services.GetRequiredService<LiveRuns>().Explanations.Waiting > 0)
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private static bool IsStored(OutcomeSetup setup, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return Directory.EnumerateFiles(setup.Data, "*", SearchOption.AllDirectories).Where(f => !f.EndsWith(".lock", StringComparison.Ordinal)).Any(f => Read(f).AsSpan().IndexOf(bytes) >= 0);
    }

    private static byte[] Read(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var copy = new MemoryStream();
        file.CopyTo(copy);
        return copy.ToArray();
    }
}
