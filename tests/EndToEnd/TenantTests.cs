using System.Text.Json.Nodes;

namespace PluginHost.EndToEnd;

/// <summary>Two tenants on one host: neither can tell whether something of the other's exists.</summary>
public sealed class TenantTests
{
    private const string Session = "shared-name";

    private const string InMemory = """{ "Agents": { "assistant": { "Chain": [ { "Plugin": "memory" } ] } } }""";

    public static TheoryData<string> Stores => ["sqlite", "files", "memory"];

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task What_belongs_to_another_tenant_is_answered_like_what_does_not_exist(string store)
    {
        using var folder = FolderFor(store);
        await using var host = await RunningHost.StartAsync(folder, Keys.WriteTo(folder));
        var run = await CreateAsync(host, Keys.Acme, Session, "a secret of acme");
        var before = await AllAsync(host, Keys.Acme);

        foreach (var (method, path, json) in Calls(Session, run))
        {
            var foreign = await host.CallAsync(Keys.Globex, method, path, json, ("X-Tenant", "acme"), ("X-Forwarded-User", "acme"));
            var absent = await host.CallAsync(
                Keys.Globex, method, path.Replace(Session, "no-such-name", StringComparison.Ordinal).Replace(run, "run_none", StringComparison.Ordinal), json);
            Assert.True(foreign.Status == 404, $"{method} {path}: {foreign.Status} {foreign.Body}");
            Assert.Equal(Neutral(absent.Body, "no-such-name", "run_none"), Neutral(foreign.Body, Session, run));
            Assert.DoesNotContain("secret of acme", foreign.Body, StringComparison.Ordinal);
        }

        Assert.Equal("""{"data":[],"has_more":false}""", (await host.CallAsync(Keys.Globex, "GET", "/v1/sessions")).Body);
        Assert.Equal(before, await AllAsync(host, Keys.Acme));
        await host.StopAsync();
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Names_keys_and_cursors_of_one_tenant_mean_nothing_to_another(string store)
    {
        using var folder = FolderFor(store);
        await using var host = await RunningHost.StartAsync(folder, Keys.WriteTo(folder));
        var run = await CreateAsync(host, Keys.Acme, Session, "a secret of acme");
        var message = (string)JsonNode.Parse((await host.CallAsync(Keys.Acme, "GET", $"/v1/sessions/{Session}/messages")).Body)!["data"]![0]!["id"]!;
        var before = await AllAsync(host, Keys.Acme);

        var other = await CreateAsync(host, Keys.Globex, Session, "of globex");

        Assert.NotEqual(run, other);
        Assert.Equal(2, JsonNode.Parse((await host.CallAsync(Keys.Globex, "GET", $"/v1/sessions/{Session}/messages")).Body)!["data"]!.AsArray().Count);
        foreach (var (path, cursor) in new[] { ("/v1/sessions", "acme-only"), ($"/v1/sessions/{Session}/messages", message), ($"/v1/sessions/{Session}/runs", run) })
        {
            var (status, body) = await host.CallAsync(Keys.Globex, "GET", $"{path}?after={cursor}");
            var unknown = await host.CallAsync(Keys.Globex, "GET", $"{path}?after=never-was");
            Assert.Equal((400, Neutral(unknown.Body, "never-was")), (status, Neutral(body, cursor)));
        }

        var fork = await host.CallAsync(Keys.Globex, "POST", $"/v1/sessions/{Session}/fork", $$"""{"run":"{{run}}"}""");
        Assert.Equal(404, fork.Status);
        var snapshot = (await host.CallAsync(Keys.Globex, "GET", $"/v1/sessions/{Session}/export?messages=true")).Body;
        Assert.DoesNotContain("acme", snapshot, StringComparison.Ordinal);
        Assert.Equal(200, (await host.CallAsync(Keys.Globex, "DELETE", $"/v1/sessions/{Session}")).Status);
        Assert.Equal(before, await AllAsync(host, Keys.Acme));
        Assert.Equal(201, (await host.CallAsync(Keys.Globex, "POST", "/v1/sessions/import", snapshot)).Status);
        Assert.Equal(before, await AllAsync(host, Keys.Acme));
        await host.StopAsync();
    }

    private static WorkFolder FolderFor(string store) => store == "memory" ? WorkFolder.Configured(InMemory) : Configurations.FolderFor(store);

    /// <summary>Every call that names a session or a run.</summary>
    private static IEnumerable<(string Method, string Path, string? Json)> Calls(string session, string run)
    {
        var one = $"/v1/sessions/{session}";
        return
        [
            ("GET", one, null), ("PATCH", one, """{"metadata":{"a":"b"}}"""), ("GET", $"{one}/messages", null), ("GET", $"{one}/runs", null),
            ("GET", $"{one}/runs/{run}", null), ("GET", $"{one}/runs/{run}/events", null), ("GET", $"{one}/runs/{run}/trace", null), ("POST", $"{one}/runs/{run}/cancel", null),
            ("POST", $"{one}/fork", null), ("POST", $"{one}/fork", $$"""{"run":"{{run}}"}"""), ("GET", $"{one}/export?messages=true", null),
            ("POST", $"{one}/runs", """{"input":"x","create":false}"""), ("DELETE", one, null),
        ];
    }

    private static async Task<string> CreateAsync(RunningHost host, string key, string session, string input)
    {
        if (key == Keys.Acme) Assert.Equal(201, (await host.CallAsync(key, "POST", "/v1/sessions", """{"id":"acme-only","state":{"p":{"x":1}}}""")).Status);
        var (status, body) = await host.CallAsync(key, "POST", $"/v1/sessions/{session}/runs", $$"""{"input":"{{input}}"}""", ("Idempotency-Key", "same-key"));
        Assert.True(status == 200, body);
        return (string)JsonNode.Parse(body)!["id"]!;
    }

    /// <summary>All that a tenant can see of what it has.</summary>
    private static async Task<string> AllAsync(RunningHost host, string key)
    {
        string[] paths =
        [
            "/v1/sessions", $"/v1/sessions/{Session}", $"/v1/sessions/{Session}/messages", $"/v1/sessions/{Session}/runs", $"/v1/sessions/{Session}/export?messages=true",
        ];
        var all = new List<string>();
        foreach (var path in paths)
        {
            var (status, body) = await host.CallAsync(key, "GET", path);
            Assert.Equal(200, status);
            all.Add(body);
        }

        return string.Join('\n', all);
    }

    private static string Neutral(string body, params string[] ids) =>
        ids.Aggregate(body, (text, id) => text.Replace(id, "*", StringComparison.Ordinal));
}
