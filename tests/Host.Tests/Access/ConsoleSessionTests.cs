using System.Net;
using Microsoft.Extensions.Time.Testing;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Http.Access;
using PluginHost.Tests.Api;

namespace PluginHost.Tests.Access;

public sealed class ConsoleSessionTests
{
    private static readonly ServerConfiguration WithKeys = new()
    {
        Listen = ["http://127.0.0.1:0"],
        Keys = [ApiKey.Create("acme-key", "acme", false), ApiKey.Create("admin-key", "ops", true)],
    };

    [Fact]
    public async Task A_browser_that_is_logged_in_reads_what_its_key_may()
    {
        await using var host = await ApiHost.StartAsync(WithKeys);
        var (user, admin) = (LogIn(host, "acme-key"), LogIn(host, "admin-key"));
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(host, HttpMethod.Get, "/v1/sessions", user)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(host, HttpMethod.Get, "/v1/generations", user)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(host, HttpMethod.Get, "/v1/generations", admin)).StatusCode);
        Assert.DoesNotContain("key", user, StringComparison.Ordinal);
        Assert.Null(Sessions(host).Create("another-key"));
        Assert.NotEqual(user, LogIn(host, "acme-key"));
    }

    [Theory]
    [InlineData("Sec-Fetch-Site", "same-origin", true)]
    [InlineData("Sec-Fetch-Site", "none", false)]
    [InlineData("Sec-Fetch-Site", "same-site", false)]
    [InlineData("Sec-Fetch-Site", "cross-site", false)]
    [InlineData("Origin", "http://localhost", true)]
    [InlineData("Origin", "http://localhost:3000", false)]
    [InlineData("Origin", "https://evil.example", false)]
    [InlineData("Origin", "null", false)]
    [InlineData("User-Agent", "a browser that says nothing", false)]
    public async Task A_change_by_a_cookie_has_to_come_from_a_page_of_the_host(string header, string value, bool isAllowed)
    {
        await using var host = await ApiHost.StartAsync(WithKeys);
        var cookie = LogIn(host, "acme-key");
        var answer = await SendAsync(host, HttpMethod.Post, "/v1/sessions", cookie, ("Host", "localhost"), (header, value));
        if (isAllowed) Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        else await answer.ProblemAsync(403, "cross-site-request");
        Assert.Equal(isAllowed ? 1 : 0, (await (await SendAsync(host, HttpMethod.Get, "/v1/sessions", cookie)).JsonAsync()).GetProperty("data").GetArrayLength());
    }

    [Fact]
    public async Task A_page_of_another_site_reads_nothing_by_the_cookie()
    {
        await using var host = await ApiHost.StartAsync(WithKeys);
        foreach (var site in new[] { "same-site", "cross-site" })
            await (await SendAsync(host, HttpMethod.Get, "/v1/sessions", LogIn(host, "acme-key"), ("Sec-Fetch-Site", site))).ProblemAsync(401, "unauthorized");
    }

    [Fact]
    public async Task A_key_in_the_request_counts_and_the_cookie_does_not()
    {
        await using var host = await ApiHost.StartAsync(WithKeys);
        var cookie = LogIn(host, "admin-key");
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(host, HttpMethod.Get, "/v1/generations", cookie, ("X-Api-Key", "acme-key"))).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(host, HttpMethod.Get, "/v1/generations", cookie, ("Authorization", "Bearer wrong"))).StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await SendAsync(host, HttpMethod.Post, "/v1/sessions", cookie, ("X-Api-Key", "acme-key"), ("Sec-Fetch-Site", "cross-site"))).StatusCode);
    }

    [Fact]
    public async Task A_session_ends_with_its_key_by_logging_out_and_when_it_is_idle()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var host = await ApiHost.StartAsync(WithKeys, services => services.AddSingleton<TimeProvider>(time));
        var (idle, used, left) = (LogIn(host, "acme-key"), LogIn(host, "acme-key"), LogIn(host, "acme-key"));
        Sessions(host).Remove(left);
        Assert.Equal(401, await StatusAsync(host, left));
        time.Advance(ConsoleSessions.Idle - TimeSpan.FromMinutes(1));
        Assert.Equal(200, await StatusAsync(host, used));
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal((401, 200), (await StatusAsync(host, idle), await StatusAsync(host, used)));

        host.Services.GetRequiredService<ApiKeys>().Replace(new ServerConfiguration { Keys = [ApiKey.Create("admin-key", "ops", true)] });
        Assert.Equal(401, await StatusAsync(host, used));
        // Also when the key is known again: its sessions were ended.
        host.Services.GetRequiredService<ApiKeys>().Replace(WithKeys);
        Assert.Equal(401, await StatusAsync(host, used));
    }

    [Fact]
    public void The_sessions_are_bounded_and_the_one_that_was_idle_for_longest_ends()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var sessions = new ConsoleSessions(new ApiKeys(WithKeys), WithKeys, time);
        var first = sessions.Create("acme-key")!;
        time.Advance(TimeSpan.FromSeconds(1));
        var second = sessions.Create("acme-key")!;
        time.Advance(TimeSpan.FromSeconds(1));
        for (var i = 2; i <= ConsoleSessions.Capacity; i++) sessions.Create("acme-key");
        Assert.Null(sessions.Find(first, isUse: false));
        Assert.NotNull(sessions.Find(second, isUse: false));
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("../../etc/passwd")]
    [InlineData("%00%0d%0aSet-Cookie:x=y")]
    public async Task An_unknown_id_is_no_session(string id)
    {
        await using var host = await ApiHost.StartAsync(WithKeys);
        LogIn(host, "acme-key");
        Assert.Equal(401, await StatusAsync(host, id));
        Assert.Equal(401, await StatusAsync(host, new string('a', 10_000)));
    }

    [Fact]
    public async Task Without_the_console_no_browser_logs_in()
    {
        await using var host = await ApiHost.StartAsync(WithKeys with { Console = false });
        Assert.Null(Sessions(host).Create("acme-key"));
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("http://pluginhost.example", false)]
    [InlineData("https://pluginhost.example", true)]
    public void The_cookie_is_out_of_reach_of_scripts_and_other_sites(string? origin, bool isSecure)
    {
        var context = new DefaultHttpContext();
        if (origin is not null) context.Request.Headers.Origin = origin;
        ConsoleCookie.Write(context, "id");
        var cookie = context.Response.Headers.SetCookie.ToString();
        Assert.StartsWith("pluginhost_console=id; path=/;", cookie);
        Assert.Contains("samesite=strict", cookie);
        Assert.Contains("httponly", cookie);
        Assert.Equal(isSecure, cookie.Contains("secure", StringComparison.Ordinal));
    }

    private static ConsoleSessions Sessions(ApiHost host) => host.Services.GetRequiredService<ConsoleSessions>();

    private static string LogIn(ApiHost host, string key) => Sessions(host).Create(key)!;

    private static async Task<int> StatusAsync(ApiHost host, string id) => (int)(await SendAsync(host, HttpMethod.Get, "/v1/sessions", id)).StatusCode;

    private static Task<HttpResponseMessage> SendAsync(ApiHost host, HttpMethod method, string path, string id, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method, path);
        var address = headers.FirstOrDefault(h => h.Name == "Host").Value ?? new Uri(host.Address).Authority;
        request.Headers.TryAddWithoutValidation("Cookie", $"{ConsoleCookie.NameFor(new HostString(address))}={id}");
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return host.Http.SendAsync(request);
    }

    [Fact]
    public void Hosts_of_one_machine_have_separate_cookies() =>
        Assert.NotEqual(ConsoleCookie.NameFor(new HostString("localhost:5080")), ConsoleCookie.NameFor(new HostString("localhost:5081")));

    [Fact]
    public void A_key_that_logs_in_very_often_ends_no_session_of_another_one()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var sessions = new ConsoleSessions(new ApiKeys(WithKeys), WithKeys, time);
        var admin = sessions.Create("admin-key")!;
        time.Advance(TimeSpan.FromSeconds(1));
        for (var i = 0; i <= ConsoleSessions.Capacity; i++) sessions.Create("acme-key");
        Assert.NotNull(sessions.Find(admin, isUse: false));
    }
}
