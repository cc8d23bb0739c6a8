using System.Net;
using System.Text.RegularExpressions;

namespace PluginHost.WebConsole.Tests;

/// <summary>What was written on a page whose log-in has ended since.</summary>
[Collection(nameof(Site))]
public sealed partial class EndedLoginTests(Site site)
{
    [ChromiumFact]
    public async Task A_message_is_kept_by_the_log_in_page_and_sent_afterwards()
    {
        using var folder = SampleRuns.CreateFolder();
        await using var host = await RunningHost.StartAsync(folder, Keys.WriteTo(folder));
        await using var visitor = await site.VisitAsync($"{host.Address}/console/new");
        await visitor.CheckAsync("The log-in");
        await LogInAsync(visitor);
        await visitor.Page.GetByLabel("Message", new() { Exact = true }).FillAsync("two\nlines & <b>more</b>");
        await EndAsync(visitor, host);

        await visitor.ClickAsync("Send");
        await visitor.SeeAsync("Your log-in has ended");
        await LogInAsync(visitor, "phk_wrong");
        await visitor.SeeAsync("The key is not known");
        await LogInAsync(visitor);
        await visitor.SeeAsync("lines & <b>more</b>");
        await visitor.CheckAsync("What was not sent");
        await visitor.ClickAsync("Send it");

        await visitor.SeeAsync("Echo: two");
        await visitor.SeeAsync("lines & <b>more</b>");
    }

    [ChromiumFact]
    public async Task What_was_written_stays_when_the_page_is_read_again_after_the_log_in_has_ended()
    {
        const string seenAgain = "document.dispatchEvent(new Event('visibilitychange'))";
        using var folder = SampleRuns.CreateFolder();
        await using var host = await RunningHost.StartAsync(folder, Keys.WriteTo(folder));
        await using var visitor = await site.VisitAsync($"{host.Address}/console/new");
        await LogInAsync(visitor);
        var message = visitor.Page.GetByLabel("Message", new() { Exact = true });
        await message.FillAsync("not lost");
        await EndAsync(visitor, host);
        await visitor.Page.EvaluateAsync(seenAgain);
        await Assertions.Expect(visitor.Page.Locator("#connection")).ToContainTextAsync("Your log-in has ended");
        await Assertions.Expect(message).ToHaveValueAsync("not lost");

        await visitor.ClickAsync("Send");
        await visitor.SeeAsync("What you wrote is kept: log in");
        await visitor.Page.EvaluateAsync(seenAgain);
        await Assertions.Expect(visitor.Page.Locator("#connection")).ToContainTextAsync("Your log-in has ended");
        await LogInAsync(visitor);
        await visitor.SeeAsync("not lost");
    }

    [Fact]
    public async Task A_form_that_is_too_large_to_be_kept_changes_nothing_and_the_page_says_so()
    {
        using var folder = SampleRuns.CreateFolder();
        await using var host = await RunningHost.StartAsync(folder, Keys.WriteTo(folder));
        using var browser = new HttpClient { BaseAddress = new Uri(host.Address) };
        browser.DefaultRequestHeaders.Add("Sec-Fetch-Site", "same-origin");
        using var form = new FormUrlEncodedContent([new("input", new string('x', 200_000))]);

        using var answer = await browser.PostAsync(new Uri("/console/new", UriKind.Relative), form);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        var page = await answer.Content.ReadAsStringAsync();
        Assert.Contains("too large to be kept", page, StringComparison.Ordinal);
        Assert.DoesNotContain("xxx", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cross-site")]
    [InlineData("same-site")]
    [InlineData(null)]
    public async Task What_another_site_or_a_program_sends_is_not_put_into_a_page(string? from)
    {
        using var folder = SampleRuns.CreateFolder();
        await using var host = await RunningHost.StartAsync(folder, Keys.WriteTo(folder));
        using var browser = new HttpClient { BaseAddress = new Uri(host.Address) };
        if (from is not null) browser.DefaultRequestHeaders.Add("Sec-Fetch-Site", from);
        using var form = new FormUrlEncodedContent([new("input", "send this")]);

        using var answer = await browser.PostAsync(new Uri("/console/new", UriKind.Relative), form);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task A_log_in_leads_to_no_other_site_by_what_it_kept()
    {
        using var folder = SampleRuns.CreateFolder();
        await using var host = await RunningHost.StartAsync(folder, Keys.WriteTo(folder));
        using var browser = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(host.Address) };
        browser.DefaultRequestHeaders.Add("Sec-Fetch-Site", "same-origin");
        var page = await browser.GetStringAsync(new Uri("/console/login", UriKind.Relative));
        using var form = new FormUrlEncodedContent(
            [new("form_token", Token().Match(page).Groups[1].Value), new("key", Keys.Acme), new("again", "https://elsewhere.example/console/"), new("kept:input", "x")]);

        using var answer = await browser.PostAsync(new Uri("/console/login", UriKind.Relative), form);

        Assert.Equal((HttpStatusCode.SeeOther, "/console"), (answer.StatusCode, answer.Headers.Location?.OriginalString));
    }

    private static async Task LogInAsync(Visitor visitor, string key = Keys.Acme)
    {
        await visitor.Page.GetByLabel("API key").FillAsync(key);
        await visitor.ClickAsync("Log in");
    }

    /// <summary>Logs the browser out from elsewhere: it keeps its cookie.</summary>
    private static async Task EndAsync(Visitor visitor, RunningHost host)
    {
        var cookie = Assert.Single(await visitor.Page.Context.CookiesAsync());
        using var other = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = new Uri(host.Address) };
        other.DefaultRequestHeaders.Add("Cookie", $"{cookie.Name}={cookie.Value}");
        other.DefaultRequestHeaders.Add("Sec-Fetch-Site", "same-origin");
        var page = await other.GetStringAsync(new Uri("/console", UriKind.Relative));
        using var form = new FormUrlEncodedContent([new("form_token", Token().Match(page).Groups[1].Value)]);
        using var left = await other.PostAsync(new Uri("/console/logout", UriKind.Relative), form);
        Assert.Equal(HttpStatusCode.SeeOther, left.StatusCode);
    }

    [GeneratedRegex("name=\"form_token\" value=\"([^\"]+)\"")]
    private static partial Regex Token();
}
