using System.Net;
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
    public async Task The_root_leads_browsers_to_the_console_and_others_to_the_description()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { { "Accept", "text/html" } } };
        using var page = await site.Api.Http.SendAsync(request);
        using var other = await site.Api.Http.GetAsync(new Uri("/", UriKind.Relative));

        Assert.Equal("/console", page.RequestMessage!.RequestUri!.AbsolutePath);
        Assert.Equal(HttpStatusCode.NotFound, other.StatusCode);
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
        Assert.Contains("This form is too old", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await site.Api.GetAsync("/v1/sessions/kept");
    }

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
}
