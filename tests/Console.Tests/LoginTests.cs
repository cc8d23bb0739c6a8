using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace PluginHost.WebConsole.Tests;

/// <summary>A host with keys: browsers log in by one, and hold a cookie.</summary>
public sealed partial class LoginTests
{
    [Fact]
    public async Task A_browser_logs_in_by_a_key_comes_back_to_its_page_and_logs_out()
    {
        using var folder = SampleRuns.CreateFolder();
        await using var host = await RunningHost.StartAsync(folder, Keys.WriteTo(folder));
        using var browser = Open(host);

        using var refused = await browser.GetAsync(new Uri("/console/sessions?limit=5", UriKind.Relative));
        Assert.Equal("/console/login?back=%2Fconsole%2Fsessions%3Flimit%3D5", refused.Headers.Location!.OriginalString);
        using var wrong = await SendAsync(browser, "/console/login", ("key", "phk_other"), ("back", "/console"));
        Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        Assert.Contains("The key is not known", await wrong.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Contains("Server:ApiKeys of the configuration names where keys are, and Server:KeyFile", await wrong.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        using var entered = await SendAsync(browser, "/console/login", ("key", Keys.Acme), ("back", "/console/sessions?limit=5"));
        Assert.Equal((HttpStatusCode.SeeOther, "/console/sessions?limit=5"), (entered.StatusCode, entered.Headers.Location!.OriginalString));
        var cookie = entered.Headers.GetValues("Set-Cookie").Single();
        Assert.Contains("httponly", cookie, StringComparison.Ordinal);
        Assert.Contains("samesite=strict", cookie, StringComparison.Ordinal);
        Assert.DoesNotContain(Keys.Acme, cookie, StringComparison.Ordinal);
        Assert.Contains("Log out", await browser.GetStringAsync(new Uri("/console/sessions?limit=5", UriKind.Relative)), StringComparison.Ordinal);
        await CheckCommandAsync(browser, folder);

        using var left = await SendAsync(browser, "/console/logout");
        Assert.Equal("/console/login", left.Headers.Location!.OriginalString);
        using var again = await browser.GetAsync(new Uri("/console", UriKind.Relative));
        Assert.Equal("/console/login?back=%2Fconsole", again.Headers.Location!.OriginalString);
    }

    [Fact]
    public async Task An_admin_sees_the_runs_of_all_tenants_and_others_their_own()
    {
        using var folder = SampleRuns.CreateFolder();
        await using var host = await RunningHost.StartAsync(folder, Keys.WriteTo(folder));
        foreach (var key in new[] { Keys.Acme, Keys.Globex })
            Assert.Equal(200, (await host.CallAsync(key, "POST", $"/v1/sessions/of-{key}/runs", $$"""{"agent":"assistant","input":"secret of {{key}}"}""")).Status);
        using var admin = Open(host);
        using var entered = await SendAsync(admin, "/console/login", ("key", Keys.Admin));

        foreach (var page in new[] { "/console", "/console/runs" })
        {
            Assert.DoesNotContain($"of-{Keys.Acme}", await admin.GetStringAsync(new Uri(page, UriKind.Relative)), StringComparison.Ordinal);
            var all = await admin.GetStringAsync(new Uri($"{page}?tenant=*", UriKind.Relative));
            Assert.Contains($"of-{Keys.Acme}", all, StringComparison.Ordinal);
            Assert.Contains($"of-{Keys.Globex}", all, StringComparison.Ordinal);
            Assert.Contains("data-events=\"/v1/events?tenant=%2A\"", all, StringComparison.Ordinal);
            var one = await admin.GetStringAsync(new Uri($"{page}?tenant=acme", UriKind.Relative));
            Assert.DoesNotContain($"of-{Keys.Globex}", one, StringComparison.Ordinal);
            var trace = WebUtility.HtmlDecode(TraceAddress().Match(one).Groups[1].Value);
            var did = await admin.GetStringAsync(new Uri(trace, UriKind.Relative));
            Assert.Contains("sqlite-history", did, StringComparison.Ordinal);
            Assert.DoesNotContain("secret of", did, StringComparison.Ordinal);
        }

        using var tenant = Open(host);
        using var logged = await SendAsync(tenant, "/console/login", ("key", Keys.Acme));
        using var refused = await tenant.GetAsync(new Uri("/console/runs?tenant=*", UriKind.Relative));
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.DoesNotContain("data-events=", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain($"of-{Keys.Globex}", await tenant.GetStringAsync(new Uri("/console?tenant=*", UriKind.Relative)), StringComparison.Ordinal);
        var foreign = WebUtility.HtmlDecode(TraceAddress().Match(await admin.GetStringAsync(new Uri("/console/runs?tenant=globex", UriKind.Relative))).Groups[1].Value);
        using var hidden = await tenant.GetAsync(new Uri(foreign, UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, hidden.StatusCode);
        var link = WebUtility.HtmlDecode(TraceAddress().Match(await tenant.GetStringAsync(new Uri("/console/runs?tenant=acme", UriKind.Relative))).Groups[1].Value);
        using var own = await tenant.GetAsync(new Uri(link, UriKind.Relative));
        Assert.StartsWith($"/console/sessions/of-{Keys.Acme}/runs/", own.Headers.Location!.OriginalString, StringComparison.Ordinal);
    }

    [GeneratedRegex("href=\"(/console/traces/[^\"]+)\"")]
    private static partial Regex TraceAddress();

    [GeneratedRegex("<div class=\"command\"><code>([^<]+)</code>")]
    private static partial Regex Command();

    [Theory]
    [InlineData("https://elsewhere.example/")]
    [InlineData("//elsewhere.example/console/")]
    [InlineData("/console/\\elsewhere")]
    public async Task A_log_in_leads_to_no_other_site(string back)
    {
        using var folder = SampleRuns.CreateFolder();
        await using var host = await RunningHost.StartAsync(folder, Keys.WriteTo(folder));
        using var browser = Open(host);
        using var entered = await SendAsync(browser, "/console/login", ("key", Keys.Acme), ("back", back));
        Assert.Equal((HttpStatusCode.SeeOther, "/console"), (entered.StatusCode, entered.Headers.Location!.OriginalString));
    }

    /// <summary>The command of an empty page works in a terminal with the key of the caller, on a host with several agents.</summary>
    private static async Task CheckCommandAsync(HttpClient browser, WorkFolder folder)
    {
        var command = WebUtility.HtmlDecode(Command().Match(await browser.GetStringAsync(new Uri("/console", UriKind.Relative))).Groups[1].Value);
        await using var shell = ChildProcess.StartProgram(["/bin/sh", "-c", command], folder.Path, ("PLUGINHOST_API_KEY", Keys.Acme));
        Assert.Equal(0, await shell.ExitAsync());
        Assert.Contains("Echo: hi", shell.Output, StringComparison.Ordinal);
        Assert.Contains("/console/sessions/first", await browser.GetStringAsync(new Uri("/console", UriKind.Relative)), StringComparison.Ordinal);
    }

    /// <param name="host">The host.</param>
    /// <param name="from">The address of the client; null for that of all others.</param>
    private static HttpClient Open(RunningHost host, IPAddress? from = null)
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() };
        if (from is not null) handler.ConnectCallback = ConnectFrom(from);
        var client = new HttpClient(handler) { BaseAddress = new Uri(host.Address) };
        client.DefaultRequestHeaders.Add("Sec-Fetch-Site", "same-origin");
        return client;
    }

    private static Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>> ConnectFrom(IPAddress from) => async (context, cancellationToken) =>
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(from, 0));
        await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
        return new NetworkStream(socket, ownsSocket: true);
    };

    /// <summary>Sends a form with the token of the page that has it.</summary>
    private static async Task<HttpResponseMessage> SendAsync(HttpClient browser, string address, params IEnumerable<(string Name, string Value)> fields)
    {
        var page = await browser.GetStringAsync(new Uri(address == "/console/logout" ? "/console" : address, UriKind.Relative));
        using var form = new FormUrlEncodedContent([new("form_token", Token().Match(page).Groups[1].Value), .. fields.Select(f => KeyValuePair.Create(f.Name, f.Value))]);
        return await browser.PostAsync(new Uri(address, UriKind.Relative), form);
    }

    [GeneratedRegex("name=\"form_token\" value=\"([^\"]+)\"")]
    private static partial Regex Token();

    [Theory]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    [InlineData("Origin", "https://elsewhere.example")]
    public async Task A_form_of_another_site_logs_a_browser_neither_in_nor_out(string header, string value)
    {
        using var folder = SampleRuns.CreateFolder();
        await using var host = await RunningHost.StartAsync(folder, Keys.WriteTo(folder));
        using var other = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = new Uri(host.Address) };
        var page = await other.GetStringAsync(new Uri("/console/login", UriKind.Relative));
        other.DefaultRequestHeaders.Add(header, value);
        foreach (var address in new[] { "/console/login", "/console/logout" })
        {
            using var form = new FormUrlEncodedContent([new("form_token", Token().Match(page).Groups[1].Value), new("key", Keys.Acme)]);
            using var answer = await other.PostAsync(new Uri(address, UriKind.Relative), form);
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
            Assert.False(answer.Headers.Contains("Set-Cookie"));
        }
    }

    [Fact]
    public async Task A_browser_that_a_link_of_another_site_led_to_the_form_logs_in_although_it_has_a_cookie()
    {
        using var folder = SampleRuns.CreateFolder();
        await using var host = await RunningHost.StartAsync(folder, Keys.WriteTo(folder));
        using var browser = Open(host);
        using var first = await SendAsync(browser, "/console/login", ("key", Keys.Acme));
        // With such a link, browsers do not send the cookie.
        using var linked = new HttpClient { BaseAddress = new Uri(host.Address) };
        var page = await linked.GetStringAsync(new Uri("/console/login", UriKind.Relative));
        using var form = new FormUrlEncodedContent([new("form_token", Token().Match(page).Groups[1].Value), new("key", Keys.Acme)]);
        using var again = await browser.PostAsync(new Uri("/console/login", UriKind.Relative), form);
        Assert.Equal(HttpStatusCode.SeeOther, again.StatusCode);
    }

    [Theory]
    [InlineData("multipart/form-data")]
    [InlineData("multipart/form-data; boundary=x")]
    public async Task A_form_that_cannot_be_read_is_refused(string type)
    {
        using var folder = SampleRuns.CreateFolder();
        await using var host = await RunningHost.StartAsync(folder, Keys.WriteTo(folder));
        using var browser = Open(host);
        using var content = new ByteArrayContent("abc"u8.ToArray());
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        using var answer = await browser.PostAsync(new Uri("/console/login", UriKind.Relative), content);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task A_wrong_key_is_seen_in_the_log_and_guessing_is_slow_for_its_client_alone()
    {
        using var folder = SampleRuns.CreateFolder();
        await using var host = await RunningHost.StartAsync(folder, Keys.WriteTo(folder));
        using var guesser = Open(host);
        using var first = await SendAsync(guesser, "/console/login", ("key", "phk_guess"));
        Assert.Equal(HttpStatusCode.Unauthorized, first.StatusCode);
        await host.WaitForLogAsync(new Regex("POST /console/login refused: 401 unauthorized"));
        Assert.DoesNotContain("phk_guess", host.Transcript, StringComparison.Ordinal);

        HttpResponseMessage last = first;
        for (var i = 0; i < 60 && last.StatusCode == HttpStatusCode.Unauthorized; i++) last = await SendAsync(guesser, "/console/login", ("key", $"phk_{i}"));
        Assert.Equal(HttpStatusCode.TooManyRequests, last.StatusCode);
        Assert.NotNull(last.Headers.RetryAfter);
        Assert.Contains("Too many tries", await last.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        using var other = Open(host, IPAddress.Parse("127.0.0.2"));
        using var entered = await SendAsync(other, "/console/login", ("key", Keys.Acme), ("back", "/console"));
        Assert.Equal(HttpStatusCode.SeeOther, entered.StatusCode);
    }

    [Fact]
    public async Task Slow_senders_of_one_address_do_not_keep_others_from_logging_in()
    {
        using var folder = SampleRuns.CreateFolder();
        await using var host = await RunningHost.StartAsync(folder, Keys.WriteTo(folder));
        var address = new Uri(host.Address);
        var head = System.Text.Encoding.ASCII.GetBytes(
            $"POST /console/login HTTP/1.1\r\nHost: {address.Authority}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 60000\r\nExpect: 100-continue\r\n\r\n");
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var slow = new List<TcpClient>();
        try
        {
            for (var i = 0; i < 32; i++)
            {
                var client = new TcpClient();
                slow.Add(client);
                await client.ConnectAsync(IPAddress.Loopback, address.Port, limit.Token);
                await client.GetStream().WriteAsync(head, limit.Token);
                // The host reads the form from now on, or has refused it.
                await client.GetStream().ReadExactlyAsync(new byte[12], limit.Token);
            }

            using var other = Open(host, IPAddress.Parse("127.0.0.2"));
            using var entered = await SendAsync(other, "/console/login", ("key", Keys.Acme), ("back", "/console"));
            Assert.Equal(HttpStatusCode.SeeOther, entered.StatusCode);
        }
        finally
        {
            slow.ForEach(c => c.Dispose());
        }
    }

    /// <summary>A form that is still being sent takes its tenant's share; another tenant has its own.</summary>
    [Fact]
    public async Task Forms_count_to_the_share_of_bytes_of_their_tenant()
    {
        using var folder = SampleRuns.CreateFolder();
        await using var host = await RunningHost.StartAsync(folder, Keys.WriteTo(folder), ("Server__MaxBodyBytesPerTenant", "100000"));
        using var slow = new TcpClient();
        await slow.ConnectAsync(IPAddress.Loopback, new Uri(host.Address).Port);
        var head = $"POST /console/new HTTP/1.1\r\nHost: {new Uri(host.Address).Authority}\r\nX-Api-Key: {Keys.Acme}\r\n"
            + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 90000\r\nExpect: 100-continue\r\n\r\n";
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await slow.GetStream().WriteAsync(System.Text.Encoding.ASCII.GetBytes(head), limit.Token);
        // The host says so when it begins to read the form.
        var answered = new byte[12];
        await slow.GetStream().ReadExactlyAsync(answered, limit.Token);
        Assert.Equal("HTTP/1.1 100", System.Text.Encoding.ASCII.GetString(answered));

        Assert.Equal(HttpStatusCode.TooManyRequests, await SendAsync(Keys.Acme));
        Assert.Equal(HttpStatusCode.BadRequest, await SendAsync(Keys.Globex));

        async Task<HttpStatusCode> SendAsync(string key)
        {
            using var client = new HttpClient { BaseAddress = new Uri(host.Address) };
            client.DefaultRequestHeaders.Add("X-Api-Key", key);
            // Without its token it changes nothing.
            using var form = new FormUrlEncodedContent([new("input", new string('x', 20_000))]);
            using var answer = await client.PostAsync(new Uri("/console/new", UriKind.Relative), form, limit.Token);
            Assert.Equal("text/html", answer.Content.Headers.ContentType?.MediaType);
            return answer.StatusCode;
        }
    }
}
