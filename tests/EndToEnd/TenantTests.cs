using System.Text.Json.Nodes;

namespace PluginHost.EndToEnd;

/// <summary>Two tenants on one host. Neither can detect whether an id of the other tenant exists.</summary>
public sealed class TenantTests
{
    private const string Session = "shared-name";

    private const string InMemory = """{ "Agents": { "assistant": { "Chain": [ { "Plugin": "memory" } ] } } }""";

    public static TheoryData<string> Stores => ["sqlite", "files", "memory"];

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Ids_of_another_tenant_are_answered_like_ids_that_do_not_exist(string store)
    {
        using var folder = CreateFolder(store);
        await using var host = await RunningHost.StartAsync(folder, Keys.WriteTo(folder));
        var run = await CreateAsync(host, Keys.Acme, Session, "a secret of acme");
        var before = await ReadAllAsync(host, Keys.Acme);

        foreach (var (method, path, json) in Calls(Session, run))
        {
            var foreign = await host.CallAsync(Keys.Globex, method, path, json, ("X-Tenant", "acme"), ("X-Forwarded-User", "acme"));
            var absent = await host.CallAsync(
                Keys.Globex, method, path.Replace(Session, "no-such-name", StringComparison.Ordinal).Replace(run, "run_none", StringComparison.Ordinal), json);
            Assert.True(foreign.Status == 404, $"{method} {path}: {foreign.Status} {foreign.Body}");
            Assert.Equal(MaskIds(absent.Body, "no-such-name", "run_none"), MaskIds(foreign.Body, Session, run));
            Assert.DoesNotContain("secret of acme", foreign.Body, StringComparison.Ordinal);
        }

        Assert.Equal("""{"data":[],"has_more":false}""", (await host.CallAsync(Keys.Globex, "GET", "/v1/sessions")).Body);
        Assert.Equal(before, await ReadAllAsync(host, Keys.Acme));
        await host.StopAsync();
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Names_idempotency_keys_and_cursors_belong_to_one_tenant(string store)
    {
        using var folder = CreateFolder(store);
        await using var host = await RunningHost.StartAsync(folder, Keys.WriteTo(folder));
        var run = await CreateAsync(host, Keys.Acme, Session, "a secret of acme");
        var message = (string)JsonNode.Parse((await host.CallAsync(Keys.Acme, "GET", $"/v1/sessions/{Session}/messages")).Body)!["data"]![0]!["id"]!;
        var before = await ReadAllAsync(host, Keys.Acme);

        var other = await CreateAsync(host, Keys.Globex, Session, "of globex");

        Assert.NotEqual(run, other);
        Assert.Equal(2, JsonNode.Parse((await host.CallAsync(Keys.Globex, "GET", $"/v1/sessions/{Session}/messages")).Body)!["data"]!.AsArray().Count);
        foreach (var (path, cursor) in new[] { ("/v1/sessions", "acme-only"), ($"/v1/sessions/{Session}/messages", message), ($"/v1/sessions/{Session}/runs", run) })
        {
            var (status, body) = await host.CallAsync(Keys.Globex, "GET", $"{path}?after={cursor}");
            var unknown = await host.CallAsync(Keys.Globex, "GET", $"{path}?after=never-was");
            Assert.Equal((400, MaskIds(unknown.Body, "never-was")), (status, MaskIds(body, cursor)));
        }

        var fork = await host.CallAsync(Keys.Globex, "POST", $"/v1/sessions/{Session}/fork", $$"""{"run":"{{run}}"}""");
        Assert.Equal(404, fork.Status);
        var snapshot = (await host.CallAsync(Keys.Globex, "GET", $"/v1/sessions/{Session}/export?messages=true")).Body;
        Assert.DoesNotContain("acme", snapshot, StringComparison.Ordinal);
        Assert.Equal(200, (await host.CallAsync(Keys.Globex, "DELETE", $"/v1/sessions/{Session}")).Status);
        Assert.Equal(before, await ReadAllAsync(host, Keys.Acme));
        Assert.Equal(201, (await host.CallAsync(Keys.Globex, "POST", "/v1/sessions/import", snapshot)).Status);
        Assert.Equal(before, await ReadAllAsync(host, Keys.Acme));
        await host.StopAsync();
    }

    private static WorkFolder CreateFolder(string store) => store == "memory" ? WorkFolder.Create(InMemory) : Configurations.CreateFolder(store);

    /// <summary>Returns every call whose path contains a session id or a run id.</summary>
    private static IEnumerable<(string Method, string Path, string? Json)> Calls(string session, string run)
    {
        var one = $"/v1/sessions/{session}";
        return
        [
            ("GET", one, null), ("PATCH", one, """{"metadata":{"a":"b"}}"""), ("GET", $"{one}/messages", null), ("GET", $"{one}/runs", null),
            ("GET", $"{one}/runs/{run}", null), ("GET", $"{one}/runs/{run}/events", null), ("GET", $"{one}/runs/{run}/trace", null), ("GET", $"/v1/traces/{run}", null), ("POST", $"{one}/runs/{run}/cancel", null),
            ("POST", $"{one}/fork", null), ("POST", $"{one}/fork", $$"""{"run":"{{run}}"}"""), ("GET", $"{one}/export?messages=true", null),
            ("POST", $"{one}/runs", """{"input":"x","create":false}"""), ("DELETE", one, null),
            ("GET", $"/v1/conversations/{session}", null), ("GET", $"/v1/conversations/{session}/items", null), ("DELETE", $"/v1/conversations/{session}", null),
            ("GET", $"/v1/responses/{run}", null), ("DELETE", $"/v1/responses/{run}", null),
        ];
    }

    private static async Task<string> CreateAsync(RunningHost host, string key, string session, string input)
    {
        if (key == Keys.Acme) Assert.Equal(201, (await host.CallAsync(key, "POST", "/v1/sessions", """{"id":"acme-only","state":{"p":{"x":1}}}""")).Status);
        var (status, body) = await host.CallAsync(key, "POST", $"/v1/sessions/{session}/runs", $$"""{"input":"{{input}}"}""", ("Idempotency-Key", "same-key"));
        Assert.True(status == 200, body);
        return (string)JsonNode.Parse(body)!["id"]!;
    }

    /// <summary>Reads everything that a tenant can see.</summary>
    private static async Task<string> ReadAllAsync(RunningHost host, string key)
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

    private static string MaskIds(string body, params string[] ids) =>
        ids.Aggregate(body, (text, id) => text.Replace(id, "*", StringComparison.Ordinal));
}
