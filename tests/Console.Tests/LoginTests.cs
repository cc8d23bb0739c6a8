using System.Net;
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

        using var entered = await SendAsync(browser, "/console/login", ("key", Keys.Acme), ("back", "/console/sessions?limit=5"));
        Assert.Equal((HttpStatusCode.SeeOther, "/console/sessions?limit=5"), (entered.StatusCode, entered.Headers.Location!.OriginalString));
        var cookie = entered.Headers.GetValues("Set-Cookie").Single();
        Assert.Contains("httponly", cookie, StringComparison.Ordinal);
        Assert.Contains("samesite=strict", cookie, StringComparison.Ordinal);
        Assert.DoesNotContain(Keys.Acme, cookie, StringComparison.Ordinal);
        Assert.Contains("Log out", await browser.GetStringAsync(new Uri("/console/sessions?limit=5", UriKind.Relative)), StringComparison.Ordinal);

        using var left = await SendAsync(browser, "/console/logout");
        Assert.Equal("/console/login", left.Headers.Location!.OriginalString);
        using var again = await browser.GetAsync(new Uri("/console", UriKind.Relative));
        Assert.Equal("/console/login?back=%2Fconsole", again.Headers.Location!.OriginalString);
    }

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

    private static HttpClient Open(RunningHost host)
    {
        var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() }) { BaseAddress = new Uri(host.Address) };
        client.DefaultRequestHeaders.Add("Sec-Fetch-Site", "same-origin");
        return client;
    }

    /// <summary>Sends a form with the token of the page that has it.</summary>
    private static async Task<HttpResponseMessage> SendAsync(HttpClient browser, string address, params IEnumerable<(string Name, string Value)> fields)
    {
        var page = await browser.GetStringAsync(new Uri(address == "/console/logout" ? "/console" : address, UriKind.Relative));
        using var form = new FormUrlEncodedContent([new("form_token", Token().Match(page).Groups[1].Value), .. fields.Select(f => KeyValuePair.Create(f.Name, f.Value))]);
        return await browser.PostAsync(new Uri(address, UriKind.Relative), form);
    }

    [GeneratedRegex("name=\"form_token\" value=\"([^\"]+)\"")]
    private static partial Regex Token();
}
