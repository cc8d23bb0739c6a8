using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Microsoft.Extensions.Time.Testing;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Http.Access;
using PluginHost.Http.Cluster;
using PluginHost.Http.Errors;
using PluginHost.Sdk;

namespace PluginHost.Tests.Access;

/// <summary>How a host proves to another one for whom it passes a request on.</summary>
public sealed class ClusterKeyTests
{
    private const string Target = "/v1/sessions/a%20b/runs?x=1";

    private static readonly DateTimeOffset Start = new(2026, 12, 1, 8, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider _there = new(Start);
    private readonly FakeTimeProvider _here = new(Start);

    [Fact]
    public void A_request_is_taken_for_its_caller_and_its_answer_is_proven()
    {
        var (from, to) = (Key(_there), Key(_here));
        var (sent, nonce) = Send(from);
        var context = Receive(sent);

        var caller = to.Accept(context)!;

        Assert.Equal(("acme", true, "ada"), (caller.Tenant, caller.IsAdmin, caller.Name));
        Assert.False(sent.Headers.Contains("Authorization"));
        using var answer = new HttpResponseMessage();
        answer.Headers.Add(ClusterKey.ProofHeader, context.Response.Headers[ClusterKey.ProofHeader].ToString());
        Assert.True(from.IsProven(answer, nonce));
        Assert.False(from.IsProven(answer, "another"));
        Assert.False(Key(_there, "another-key-of-the-hosts").IsProven(answer, nonce));
        using var unproven = new HttpResponseMessage();
        Assert.False(from.IsProven(unproven, nonce));
    }

    [Theory]
    [InlineData(6, "It was sent at 2026-12-01 08:00:00Z, and here it is 2026-12-01 08:06:00Z. Correct the clocks of the hosts.")]
    [InlineData(-6, "It was sent at 2026-12-01 08:06:00Z, and here it is 2026-12-01 08:00:00Z. Correct the clocks of the hosts.")]
    public void Clocks_that_differ_by_more_than_5_minutes_are_named(int ahead, string expected)
    {
        (ahead > 0 ? _here : _there).Advance(TimeSpan.FromMinutes(Math.Abs(ahead)));

        Assert.Contains(expected, Refusal(Key(_here), Receive(Send(Key(_there)).Sent)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(-4)]
    public void Clocks_that_differ_less_do_not_matter(int ahead)
    {
        (ahead > 0 ? _here : _there).Advance(TimeSpan.FromMinutes(Math.Abs(ahead)));

        Assert.NotNull(Key(_here).Accept(Receive(Send(Key(_there)).Sent)));
    }

    [Fact]
    public void A_ticket_is_taken_once()
    {
        var (to, sent) = (Key(_here), Send(Key(_there)).Sent);
        Assert.NotNull(to.Accept(Receive(sent)));
        // The cleaning of old nonces keeps those whose tickets are valid.
        _here.Advance(TimeSpan.FromMinutes(4));
        Assert.NotNull(to.Accept(Receive(Send(Key(_here)).Sent)));

        Assert.Contains("used before", Refusal(to, Receive(sent)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_ticket_for_another_request_by_another_key_or_none_is_refused_with_the_cure()
    {
        var to = Key(_here);
        var bare = Receive(Send(Key(_there)).Sent);
        bare.Request.Headers.Remove("PluginHost-Ticket");
        var otherMethod = Receive(Send(Key(_there)).Sent);
        otherMethod.Request.Method = "DELETE";

        Assert.All(
            [Receive(Send(Key(_there)).Sent, "/v1/sessions/eve/runs"), otherMethod, Receive(Send(Key(_there, "another-key-of-the-hosts")).Sent), bare],
            context => Assert.Contains("Give all hosts the same Cluster:Key", Refusal(to, context), StringComparison.Ordinal));
    }

    [Fact]
    public void A_request_that_is_not_passed_on_has_no_caller_by_a_ticket()
    {
        var context = Receive(Send(Key(_there)).Sent);
        context.Request.Headers.Remove(ClusterKey.ForwardedHeader);

        Assert.Null(Key(_here).Accept(context));
    }

    private static ClusterKey Key(TimeProvider time, string key = "a-key-that-all-hosts-have") => new(new ClusterConfiguration { Key = new Secret(key) }, time);

    private static (HttpRequestMessage Sent, string? Nonce) Send(ClusterKey key)
    {
        var context = new DefaultHttpContext();
        context.Features.Set(new Caller("acme", IsAdmin: true) { Name = "ada" });
        var sent = new HttpRequestMessage(HttpMethod.Post, $"http://10.0.0.2:5080{Target}");
        sent.Headers.Add("Authorization", "Bearer key-of-the-caller");
        sent.Headers.Add(ClusterKey.ForwardedHeader, "there");
        return (sent, key.Sign(context, sent));
    }

    private static DefaultHttpContext Receive(HttpRequestMessage sent, string target = Target)
    {
        var context = new DefaultHttpContext();
        context.Request.Method = sent.Method.Method;
        context.Features.Get<IHttpRequestFeature>()!.RawTarget = target;
        foreach (var (name, values) in sent.Headers) context.Request.Headers[name] = new StringValues(values.ToArray());
        return context;
    }

    private static string Refusal(ClusterKey to, HttpContext context)
    {
        var error = Assert.Throws<ProblemException>(() => to.Accept(context));
        Assert.Equal(HttpProblemTypes.ClusterKeyRefused, error.Type);
        return error.Message;
    }
}
