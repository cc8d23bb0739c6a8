using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace PluginHost.WebConsole.Tests;

/// <summary>What pages are as answers of HTTP; these tests need no browser.</summary>
[Collection(nameof(Site))]
public sealed partial class PageTests(Site site)
{
    [Fact]
    public async Task A_page_has_a_strict_policy_and_nothing_inline()
    {
        using var response = await site.Api.Http.GetAsync(new Uri("/console", UriKind.Relative));
        var html = await response.Content.ReadAsStringAsync();

        Assert.Equal(
            ["default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"], response.Headers.GetValues("Content-Security-Policy"));
        Assert.Equal(["nosniff"], response.Headers.GetValues("X-Content-Type-Options"));
        Assert.True(response.Headers.CacheControl!.NoStore);
        Assert.DoesNotContain("style=", html, StringComparison.Ordinal);
        Assert.DoesNotMatch("<script(?![^>]*src=)", html);
    }

    [Fact]
    public async Task Assets_are_kept_by_browsers_under_the_hash_of_their_content()
    {
        var html = await site.Api.Http.GetStringAsync(new Uri("/console", UriKind.Relative));
        var addresses = AssetAddress().Matches(html).Select(m => m.Value).Distinct().ToList();

        Assert.Equal(3, addresses.Count);
        foreach (var address in addresses)
        {
            using var response = await site.Api.Http.GetAsync(new Uri(address, UriKind.Relative));
            Assert.Equal("public, max-age=31536000, immutable", response.Headers.GetValues("Cache-Control").Single());
            Assert.Equal(["nosniff"], response.Headers.GetValues("X-Content-Type-Options"));
        }

        using var unknown = await site.Api.Http.GetAsync(new Uri("/console/assets/000000000000/console.css", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
    }

    [Fact]
    public async Task The_root_leads_browsers_alone_to_the_console()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { { "Accept", "text/html" } } };
        using var page = await site.Api.Http.SendAsync(request);
        using var other = await site.Api.Http.GetAsync(new Uri("/", UriKind.Relative));

        Assert.Equal("/console", page.RequestMessage!.RequestUri!.AbsolutePath);
        Assert.Equal(HttpStatusCode.NotFound, other.StatusCode);
    }

    [Theory]
    [InlineData("/console/configuration/reload", "/console/configuration")]
    [InlineData("/console/sessions/trip/state", "/console/sessions/trip")]
    [InlineData("/console/sessions/trip/approvals/a", "/console/sessions/trip")]
    public async Task The_address_of_a_form_leads_to_its_page(string form, string expected)
    {
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(site.Host.Address) };
        using var answer = await client.GetAsync(new Uri(form, UriKind.Relative));
        Assert.Equal((HttpStatusCode.SeeOther, expected), (answer.StatusCode, answer.Headers.Location?.OriginalString));
    }

    [Fact]
    public async Task Without_the_setting_there_is_no_page()
    {
        using var folder = WorkFolder.CreateShipped();
        await using var host = await RunningHost.StartAsync(folder, ("Server__Console", "false"));
        foreach (var path in new[] { "/", "/console", "/console/login" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "Accept", "text/html" } } };
            using var answer = await host.Api.Http.SendAsync(request);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task A_form_without_its_token_changes_nothing(string token)
    {
        await site.RunAsync("assistant", "kept", "hi");
        using var form = new FormUrlEncodedContent([new("form_token", token)]);
        using var response = await site.Api.Http.PostAsync(new Uri("/console/sessions/kept/delete", UriKind.Relative), form);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var page = await response.Content.ReadAsStringAsync();
        Assert.Contains("This form is too old", page, StringComparison.Ordinal);
        Assert.Contains("<a class=\"button\" href=\"/console/sessions/kept\">Back to the page</a>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("The page cannot be shown", page, StringComparison.Ordinal);
        await site.Api.GetAsync("/v1/sessions/kept");
    }

    [Fact]
    public async Task Enter_in_the_reason_of_an_approval_presses_no_button()
    {
        await site.RunAsync("assistant", "entered", """call remember {"fact": "by train"}""");
        await site.RunAsync("assistant", "entered", """call forget {"id": 1}""");
        var page = await site.Api.Http.GetStringAsync(new Uri("/console/sessions/entered", UriKind.Relative));
        Assert.Contains("disabled", FirstButtonOfApproval().Match(page).Groups[1].Value, StringComparison.Ordinal);
    }

    [GeneratedRegex("<form class=\"approval\".*?<button ([^>]*)>", RegexOptions.Singleline)]
    private static partial Regex FirstButtonOfApproval();

    /// <summary>A long conversation is read by pages: what is sent does not grow with it.</summary>
    [Fact]
    public async Task A_conversation_of_ten_thousand_messages_opens_like_a_short_one()
    {
        var messages = Enumerable.Range(0, 10_000).Select(i => (JsonNode)new JsonObject
        {
            ["id"] = $"m{i}",
            ["part"] = i % 2 == 0 ? "input" : "output",
            ["message"] = new JsonObject { ["role"] = i % 2 == 0 ? "user" : "assistant", ["contents"] = new JsonArray(new JsonObject { ["$type"] = "text", ["text"] = $"message {i}." }) },
        });
        var snapshot = new JsonObject { ["type"] = "session", ["version"] = 1, ["session_id"] = "endless", ["state"] = new JsonObject(), ["metadata"] = new JsonObject(), ["messages"] = new JsonArray([.. messages]) };
        await site.Api.PostAsync("/v1/sessions/import", snapshot, HttpStatusCode.Created);

        var newest = await site.Api.Http.GetStringAsync(new Uri("/console/sessions/endless", UriKind.Relative));
        Assert.Contains("message 9999.", newest, StringComparison.Ordinal);
        Assert.Contains("message 9950.", newest, StringComparison.Ordinal);
        Assert.DoesNotContain("message 9949.", newest, StringComparison.Ordinal);
        Assert.InRange(newest.Length, 1, 100_000);

        var older = await site.Api.Http.GetStringAsync(new Uri(WebUtility.HtmlDecode(OlderAddress().Match(newest).Groups[1].Value), UriKind.Relative));
        Assert.Contains("message 9900.", older, StringComparison.Ordinal);
        Assert.DoesNotContain("message 9950.", older, StringComparison.Ordinal);
    }

    [GeneratedRegex("/console/assets/[^\"]+")]
    private static partial Regex AssetAddress();

    [GeneratedRegex("href=\"([^\"]*before=[^\"]*)\"")]
    private static partial Regex OlderAddress();

    [Fact]
    public async Task Each_long_message_has_a_link_that_leads_to_it()
    {
        await site.RunAsync("assistant", "texts", new string('a', 13_000));
        var second = await site.RunAsync("assistant", "texts", new string('b', 13_000));
        foreach (var address in new[] { "/console/sessions/texts", $"/console/sessions/texts/runs/{second["id"]}" })
        {
            var links = MessageAddress().Matches(await site.Api.Http.GetStringAsync(new Uri(address, UriKind.Relative))).Select(m => WebUtility.HtmlDecode(m.Groups[1].Value)).ToList();
            Assert.NotEmpty(links);
            foreach (var link in links)
            {
                using var whole = await site.Api.Http.GetAsync(new Uri(link, UriKind.Relative));
                Assert.Equal(HttpStatusCode.OK, whole.StatusCode);
            }
        }
    }

    [Fact]
    public async Task A_state_that_was_refused_is_for_the_version_that_it_was_written_for()
    {
        await site.RunAsync("assistant", "late", "hi");
        var page = await site.Api.Http.GetStringAsync(new Uri("/console/sessions/late", UriKind.Relative));
        var version = Version().Match(page).Groups[1].Value;
        await site.RunAsync("assistant", "late", "meanwhile");

        using var form = new FormUrlEncodedContent([new("form_token", Token().Match(page).Groups[1].Value), new("version", version), new("state", """{"notes":{"a":1}}""")]);
        using var response = await site.Api.Http.PostAsync(new Uri("/console/sessions/late/state", UriKind.Relative), form);
        var refused = await response.Content.ReadAsStringAsync();

        Assert.False(response.IsSuccessStatusCode);
        Assert.Contains($"only if version {version} is still the last", refused, StringComparison.Ordinal);
        Assert.Contains($"name=\"version\" value=\"{version}\"", refused, StringComparison.Ordinal);
    }

    [GeneratedRegex("name=\"version\" value=\"([^\"]+)\"")]
    private static partial Regex Version();

    [GeneratedRegex("name=\"form_token\" value=\"([^\"]+)\"")]
    private static partial Regex Token();

    [GeneratedRegex("href=\"([^\"]*/messages/[^\"]*)\"")]
    private static partial Regex MessageAddress();

    [Fact]
    public async Task A_state_that_nests_as_deep_as_the_API_allows_is_shown()
    {
        var value = string.Concat(Enumerable.Repeat("{\"x\":", 64)) + "\"deepest\"" + new string('}', 64);
        using var body = new StringContent($$$"""{"id":"deep","state":{"memory":{{{value}}}}}""", Encoding.UTF8, "application/json");
        using var created = await site.Api.Http.PostAsync(new Uri("/v1/sessions", UriKind.Relative), body);
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.Contains("deepest", await site.Api.Http.GetStringAsync(new Uri("/console/sessions/deep", UriKind.Relative)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_form_that_is_too_large_is_refused_with_a_page()
    {
        using var form = new FormUrlEncodedContent([new("form_token", "x"), new("input", new string('x', 5_000_000))]);
        using var response = await site.Api.Http.PostAsync(new Uri("/console/new", UriKind.Relative), form);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("Nothing was changed", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cookie_of_another_application_that_is_not_ASCII_does_no_harm()
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseCookies = false, RequestHeaderEncodingSelector = static (_, _) => System.Text.Encoding.UTF8 });
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{site.Host.Address}/console/runs");
        request.Headers.TryAddWithoutValidation("Cookie", "theme=grün");
        using var response = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Sessions_are_listed_by_their_last_activity_or_by_creation()
    {
        foreach (var id in new[] { "act-1", "act-2" }) await site.Api.PostAsync("/v1/sessions", new JsonObject { ["id"] = id }, HttpStatusCode.Created);
        await site.RunAsync("assistant", "act-1", "hi");
        Assert.Equal(["act-1", "act-2"], await ListAsync(""));
        Assert.Equal(["act-2", "act-1"], await ListAsync("&sort=created"));

        async Task<IEnumerable<string>> ListAsync(string order)
        {
            var page = await site.Api.Http.GetStringAsync(new Uri($"/console/sessions?prefix=act-{order}", UriKind.Relative));
            return SessionAddress().Matches(page).Select(m => m.Groups[1].Value);
        }
    }

    [GeneratedRegex("<a href=\"/console/sessions/([^/\"]+)\">")]
    private static partial Regex SessionAddress();

    [Fact]
    public async Task A_key_without_a_value_finds_nothing_and_the_page_says_why()
    {
        await site.RunAsync("assistant", "keyed", "hi");
        using var answer = await site.Api.Http.GetAsync(new Uri("/console/sessions?key=user", UriKind.Relative));
        var page = await answer.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("The value is missing", page, StringComparison.Ordinal);
        Assert.DoesNotContain("/console/sessions/keyed\"", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Times_are_relative_with_the_exact_one_on_them()
    {
        await site.RunAsync("assistant", "timed", "hi");
        var page = await site.Api.Http.GetStringAsync(new Uri("/console/sessions/timed", UriKind.Relative));
        Assert.Matches(@"<time datetime=""[^""]+Z"" title=""\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} UTC"" data-ago>(just now|\d+ s ago)</time>", page);
    }

    [Fact]
    public async Task Lists_have_pages()
    {
        for (var i = 0; i < 51; i++) await site.Api.PostAsync("/v1/sessions", new JsonObject { ["id"] = $"many-{i:00}" }, HttpStatusCode.Created);
        var newest = await site.Api.Http.GetStringAsync(new Uri("/console/sessions?prefix=many-&sort=created", UriKind.Relative));
        var older = await site.Api.Http.GetStringAsync(new Uri(WebUtility.HtmlDecode(NextAddress().Match(newest).Groups[1].Value), UriKind.Relative));
        Assert.DoesNotContain("/console/sessions/many-00\"", newest, StringComparison.Ordinal);
        Assert.Equal(["many-00"], SessionAddress().Matches(older).Select(m => m.Groups[1].Value));
        Assert.Contains("rel=\"first\"", older, StringComparison.Ordinal);
    }

    [GeneratedRegex("<a[^>]* href=\"([^\"]*)\" rel=\"next\"")]
    private static partial Regex NextAddress();

    [Fact]
    public async Task Sessions_are_found_by_the_beginning_of_their_id_and_by_metadata()
    {
        await site.Api.PostAsync("/v1/sessions", new JsonObject { ["id"] = "find-1", ["metadata"] = new JsonObject { ["color"] = "a&b" } }, HttpStatusCode.Created);
        await site.Api.PostAsync("/v1/sessions", new JsonObject { ["id"] = "find-2" }, HttpStatusCode.Created);
        var both = await site.Api.Http.GetStringAsync(new Uri("/console/sessions?prefix=find-", UriKind.Relative));
        var one = await site.Api.Http.GetStringAsync(new Uri("/console/sessions?key=color&value=a%26b&sort=activity", UriKind.Relative));
        Assert.Contains("/console/sessions/find-2\"", both, StringComparison.Ordinal);
        Assert.DoesNotContain("/console/sessions/trip\"", both, StringComparison.Ordinal);
        Assert.Contains("/console/sessions/find-1\"", one, StringComparison.Ordinal);
        Assert.DoesNotContain("/console/sessions/find-2\"", one, StringComparison.Ordinal);
    }
}
