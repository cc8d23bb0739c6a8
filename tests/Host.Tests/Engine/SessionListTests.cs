using PluginHost.Engine.Errors;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Sdk;
using static PluginHost.Tests.Engine.TestEngine;

namespace PluginHost.Tests.Engine;

/// <summary>Sessions and messages by pages.</summary>
public sealed class SessionListTests : IAsyncDisposable
{
    private readonly ScriptedModel _model = ScriptedModel.Saying("hello");
    private readonly TestEngine _engine;

    public SessionListTests() => _engine = new TestEngine(_model, []);

    public ValueTask DisposeAsync() => _engine.DisposeAsync();

    [Fact]
    public async Task Sessions_are_listed_by_pages()
    {
        for (var i = 0; i < 5; i++) await _engine.Sessions.CreateAsync(new NewSession("default") { Id = $"s{i}" }, default);
        await _engine.Sessions.CreateAsync(new NewSession("other") { Id = "theirs" }, default);

        var seen = new List<string>();
        Page<SessionRecord> page;
        do
        {
            page = await _engine.Sessions.ListAsync(new SessionQuery { Tenant = "default", Limit = 2, After = seen.LastOrDefault() }, default);
            seen.AddRange(page.Items.Select(s => s.Key.Id));
        }
        while (page.HasMore);
        var newest = await _engine.Sessions.ListAsync(new SessionQuery { Tenant = "default", Limit = 2, Order = ListOrder.Descending }, default);
        var before = await _engine.Sessions.ListAsync(new SessionQuery { Tenant = "default", Limit = 2, Before = "s3" }, default);
        var unknown = await Refused(() => _engine.Sessions.ListAsync(new SessionQuery { Tenant = "default", After = "nowhere" }, default));

        Assert.Equal(["s0", "s1", "s2", "s3", "s4"], seen);
        Assert.Equal(["s4", "s3"], newest.Items.Select(s => s.Key.Id));
        Assert.Equal(["s1", "s2"], before.Items.Select(s => s.Key.Id));
        Assert.Equal((400, "after"), (unknown.Status, unknown.Errors.Single().Path));
    }

    [Fact]
    public async Task Messages_are_listed_by_pages()
    {
        for (var i = 0; i < 3; i++) await _engine.RunAsync("s", $"{i}");
        var all = await _engine.Sessions.ListMessagesAsync(new HistoryQuery { Session = Key("s"), Limit = 100 }, default);

        var second = await _engine.Sessions.ListMessagesAsync(new HistoryQuery { Session = Key("s"), Limit = 2, After = all.Items[1].Id }, default);
        var last = await _engine.Sessions.ListMessagesAsync(new HistoryQuery { Session = Key("s"), Limit = 2, After = all.Items[^1].Id }, default);
        var unknown = await Refused(() => _engine.Sessions.ListMessagesAsync(new HistoryQuery { Session = Key("s"), Limit = 2, Before = "nowhere" }, default));
        var missing = await Refused(() => _engine.Sessions.ListMessagesAsync(new HistoryQuery { Session = Key("none"), Limit = 2 }, default));

        Assert.Equal(["1", "hello"], second.Items.Select(m => m.Message.Text));
        Assert.True(second.HasMore);
        Assert.Empty(last.Items);
        Assert.Equal((400, 404), (unknown.Status, missing.Status));
    }

    private static Task<ProblemException> Refused<T>(Func<ValueTask<T>> call) => Assert.ThrowsAsync<ProblemException>(async () => await call());
}
