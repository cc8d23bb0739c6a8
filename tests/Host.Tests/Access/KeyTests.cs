using System.Net;
using Microsoft.Extensions.Time.Testing;
using PluginHost.Engine.Configuration.Access;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Http.Access;
using PluginHost.Tests.Api;

namespace PluginHost.Tests.Access;

public sealed class KeyTests : IDisposable
{
    private static readonly string[] Local = ["http://127.0.0.1:0"];

    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new();

    private string File => Path.Combine(_folder.Path, "keys");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Admin_endpoints_require_an_admins_key()
    {
        await using var host = await ApiHost.StartAsync(WithKeys(ApiKey.Create("user", "acme", false), ApiKey.Create("admin", "acme", true)));
        foreach (var (method, path) in new[] { (HttpMethod.Get, "/v1/plugins"), (HttpMethod.Post, "/v1/reload") })
        {
            await (await host.CallAsync(method, path)).ProblemAsync(401, "unauthorized");
            await (await host.CallAsync(method, path, "user")).ProblemAsync(403, "forbidden");
        }

        Assert.Equal(HttpStatusCode.OK, (await host.GetAsync("/v1/plugins", "admin")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await host.PostAsync("/v1/reload", "admin", null)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await host.GetAsync("/v1/agents", "user")).StatusCode);
    }

    [Fact]
    public async Task Keys_of_one_tenant_see_the_same_sessions_and_keys_of_another_do_not()
    {
        await using var host = await ApiHost.StartAsync(
            WithKeys(ApiKey.Create("a1", "acme", false), ApiKey.Create("a2", "acme", true), ApiKey.Create("g", "globex", true), "plain"));
        Assert.Equal(HttpStatusCode.Created, (await host.PostAsync("/v1/sessions", "a1", """{"id":"s"}""")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await host.GetAsync("/v1/sessions/s", "a2")).StatusCode);
        await (await host.GetAsync("/v1/sessions/s", "g")).ProblemAsync(404, "session-not-found");
        await (await host.GetAsync("/v1/sessions/s", "plain")).ProblemAsync(404, "session-not-found");
    }

    [Fact]
    public async Task A_change_of_the_key_file_takes_effect_without_a_restart_and_a_bad_one_does_not()
    {
        await using var host = await StartWithFileAsync(Line("old"));
        Assert.Equal(HttpStatusCode.OK, (await host.GetAsync("/v1/agents", "old")).StatusCode);

        await WriteAsync($"{Line("new")}\n{Line("both")} admin # rotated");
        await ChangesToAsync(host, "new", HttpStatusCode.OK);
        await (await host.GetAsync("/v1/agents", "old")).ProblemAsync(401, "unauthorized");
        Assert.Equal(HttpStatusCode.OK, (await host.GetAsync("/v1/plugins", "both")).StatusCode);

        foreach (var bad in new[] { $"{Line("x")}\nacme phk_plain-secret\n", $"{Line("x")} owner", $"../x sha256:{new string('0', 64)}" })
        {
            var before = host.Log.Of("the previous keys stay valid").Count;
            await WriteAsync(bad);
            while (host.Log.Of("the previous keys stay valid").Count == before) await TickAsync(host);
            Assert.Equal(HttpStatusCode.OK, (await host.GetAsync("/v1/agents", "new")).StatusCode);
        }

        Assert.Empty(host.Log.Of("phk_plain-secret"));
        await WriteAsync(Line("old"));
        await ChangesToAsync(host, "new", HttpStatusCode.Unauthorized);
    }

    [Theory]
    [InlineData("")]
    [InlineData("# nothing\n")]
    public async Task An_emptied_key_file_takes_the_last_key_back(string text)
    {
        await using var host = await StartWithFileAsync(Line("last"));
        Assert.Equal(HttpStatusCode.OK, (await host.GetAsync("/v1/agents", "last")).StatusCode);

        await WriteAsync(text);
        await ChangesToAsync(host, "last", HttpStatusCode.Unauthorized);
        // The keys change before the line is written.
        for (var i = 0; i < 50 && host.Log.Of("all of its keys are revoked").Count == 0; i++) await TickAsync(host);
        Assert.NotEmpty(host.Log.Of("all of its keys are revoked"));
        await (await host.GetAsync("/v1/agents", null)).ProblemAsync(401, "unauthorized");

        await WriteAsync(Line("next"));
        await ChangesToAsync(host, "next", HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_key_file_that_is_empty_while_an_editor_saves_it_takes_no_key_back()
    {
        await using var host = await StartWithFileAsync(Line("key"));
        await WriteAsync("");
        await TickAsync(host);
        await WriteAsync(Line("key"));
        for (var i = 0; i < 5; i++) await TickAsync(host);
        Assert.Equal(HttpStatusCode.OK, (await host.GetAsync("/v1/agents", "key")).StatusCode);
    }

    [Fact]
    public async Task While_the_key_file_is_missing_the_last_keys_stay_valid()
    {
        await using var host = await StartWithFileAsync(Line("key"));
        System.IO.File.Delete(File);
        for (var i = 0; i < 5; i++) await TickAsync(host);
        Assert.Equal(HttpStatusCode.OK, (await host.GetAsync("/v1/agents", "key")).StatusCode);
        await (await host.GetAsync("/v1/agents", null)).ProblemAsync(401, "unauthorized");
    }

    [Fact]
    public void A_reload_replaces_the_keys_and_never_makes_them_optional()
    {
        var keys = new ApiKeys(WithKeys("first"));
        keys.Replace(WithKeys(ApiKey.Create("second", "acme", true)));
        Assert.Null(keys.Find("first"));
        Assert.Equal(("acme", true), keys.Find("second") is { } found ? (found.Tenant, found.IsAdmin) : default);
        keys.Replace(new ServerConfiguration());
        Assert.Null(keys.Find("second"));
        Assert.True(keys.AreRequired);
    }

    [Fact]
    public void A_reload_does_not_bring_back_a_key_that_the_key_file_lost_while_the_chains_were_built()
    {
        var errors = new List<ConfigurationError>();
        System.IO.File.WriteAllText(File, Line("old"));
        var read = new ServerConfiguration { KeyFile = File, FileKeys = KeyFile.Read(File, errors) };
        var keys = new ApiKeys(read);

        System.IO.File.WriteAllText(File, Line("new"));
        keys.ReplaceFile(KeyFile.Read(File, errors));
        keys.Replace(read);

        Assert.Empty(errors);
        Assert.Null(keys.Find("old"));
        Assert.NotNull(keys.Find("new"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("acme no-hash")]
    [InlineData("(missing)")]
    public void A_reload_keeps_the_keys_of_a_key_file_that_is_being_saved(string text)
    {
        var errors = new List<ConfigurationError>();
        System.IO.File.WriteAllText(File, Line("key"));
        var read = new ServerConfiguration { KeyFile = File, FileKeys = KeyFile.Read(File, errors) };
        var keys = new ApiKeys(read);

        if (text == "(missing)") System.IO.File.Delete(File);
        else System.IO.File.WriteAllText(File, text);
        keys.Replace(read with { FileKeys = [] });

        Assert.Empty(errors);
        Assert.NotNull(keys.Find("key"));
    }

    [Theory]
    [InlineData("X-Tenant", "acme")]
    [InlineData("X-Forwarded-User", "acme")]
    [InlineData("X-Api-Key", "a")]
    [InlineData("Tenant", "acme")]
    [InlineData("Cookie", "tenant=acme")]
    public async Task A_header_that_names_another_tenant_has_no_effect(string header, string value)
    {
        await using var host = await ApiHost.StartAsync(WithKeys(ApiKey.Create("a", "acme", false), ApiKey.Create("g", "globex", false)));
        await host.PostAsync("/v1/sessions", "a", """{"id":"s"}""");
        await (await host.GetAsync("/v1/sessions/s", "g", (header, value))).ProblemAsync(404, "session-not-found");
        await (await host.GetAsync("/v1/sessions/s?tenant=acme", "g")).ProblemAsync(400, "invalid-request");
    }

    [Fact]
    public async Task A_very_long_key_is_one_that_is_not_known()
    {
        await using var host = await ApiHost.StartAsync(WithKeys("k"));
        await (await host.GetAsync("/v1/agents", new string('k', 20_000))).ProblemAsync(401, "unauthorized");
    }

    private static ServerConfiguration WithKeys(params ApiKey[] keys) => new() { Listen = Local, Keys = keys };

    private static string Line(string key) => KeyFile.ToLine(ApiKey.Create(key, "acme", isAdmin: false));

    private Task<ApiHost> StartWithFileAsync(string text)
    {
        System.IO.File.WriteAllText(File, text);
        var errors = new List<ConfigurationError>();
        var server = new ServerConfiguration { Listen = Local, KeyFile = File, FileKeys = KeyFile.Read(File, errors) };
        Assert.Empty(errors);
        return ApiHost.StartAsync(server, s => s.AddSingleton<TimeProvider>(_time));
    }

    // By a rename, so that the host never reads half of it.
    private async Task WriteAsync(string text)
    {
        await System.IO.File.WriteAllTextAsync(File + ".new", text);
        System.IO.File.Move(File + ".new", File, overwrite: true);
    }

    private async Task ChangesToAsync(ApiHost host, string key, HttpStatusCode status)
    {
        while ((await host.GetAsync("/v1/agents", key)).StatusCode != status) await TickAsync(host);
    }

    private async Task TickAsync(ApiHost host)
    {
        _time.Advance(FileWatch.Interval);
        await host.Http.GetAsync("/health/live");
    }
}
