using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Runs.Live;
using PluginHost.Sdk;

namespace PluginHost.Tests.Engine;

/// <summary>The events of a run as they come, for readers that wait for them.</summary>
public sealed class FeedTests
{
    private static readonly RunRecord Run = new()
    {
        Id = "r",
        Session = new SessionKey("default", "s"),
        Agent = "a",
        Status = RunStatus.Running,
        CreatedAt = DateTimeOffset.UnixEpoch,
    };

    [Fact]
    public void A_reader_that_goes_away_is_forgotten_while_the_run_is_silent()
    {
        var feed = new RunFeed();
        feed.Begin(Run);
        WeakReference[] gone = [Leave(feed), Leave(feed), Leave(feed)];

        GC.Collect();

        Assert.DoesNotContain(gone, r => r.IsAlive);
        GC.KeepAlive(feed);
    }

    [Fact]
    public async Task Waiting_for_an_event_allocates_the_event_alone()
    {
        var feed = new RunFeed();
        var update = new ChatResponseUpdate(ChatRole.Assistant, "x");
        await using var reader = feed.ReadAsync(0, CancellationToken.None);
        feed.Begin(Run);
        Assert.True(await reader.MoveNextAsync());
        Wait(100);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Wait(1000);
        // An event has 32 bytes, and the list that keeps the updates grows.
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 1000, 0, 80);

        void Wait(int events)
        {
            for (var i = 0; i < events; i++)
            {
                var next = reader.MoveNextAsync();
                Assert.False(next.IsCompleted);
                feed.Add(update);
                Assert.True(next.IsCompleted && next.Result);
            }
        }
    }

    [Fact]
    public async Task All_readers_get_all_events_whenever_they_come()
    {
        var feed = new RunFeed();
        var readers = Enumerable.Range(0, 4).Select(_ => Task.Run(() => ReadAsync(feed, 0))).ToList();
        feed.Begin(Run);
        for (var i = 0; i < 500; i++)
        {
            if (i == 250) readers.Add(Task.Run(() => ReadAsync(feed, 0)));
            feed.Add(new ChatResponseUpdate(ChatRole.Assistant, "x"));
        }

        feed.End(Run);
        readers.Add(ReadAsync(feed, 0));
        foreach (var ids in await Task.WhenAll(readers).WaitAsync(TimeSpan.FromSeconds(20)))
            Assert.Equal(Enumerable.Range(1, 502).Select(i => (long)i), ids);
        Assert.Equal([501L, 502], await ReadAsync(feed, 500));
    }

    [Fact]
    public async Task A_reader_that_waits_ends_with_its_token()
    {
        var feed = new RunFeed();
        using var cancellation = new CancellationTokenSource();
        var reading = ReadAsync(feed, 0, cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => reading.WaitAsync(TimeSpan.FromSeconds(20)));
        feed.Begin(Run);
    }

    [Fact]
    public void Ids_are_different_and_are_UUIDs_of_version_7_that_rise_with_time()
    {
        var first = IdGenerator.NewSession(DateTimeOffset.UnixEpoch.AddDays(1));
        Assert.Equal(7, Guid.ParseExact(first["ses_".Length..], "N").Version);
        Assert.True(string.CompareOrdinal(first, IdGenerator.NewSession(DateTimeOffset.UnixEpoch.AddDays(2))) < 0);
        Assert.Equal(1000, Enumerable.Range(0, 1000).Select(_ => IdGenerator.NewMessage(DateTimeOffset.UnixEpoch)).Distinct().Count());
    }

    private static async Task<List<long>> ReadAsync(RunFeed feed, long after, CancellationToken cancellationToken = default)
    {
        var ids = new List<long>();
        await foreach (var next in feed.ReadAsync(after, cancellationToken)) ids.Add(next.Id);
        return ids;
    }

    // A method that has ended leaves nothing of it on the stack.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference Leave(RunFeed feed)
    {
        using var cancellation = new CancellationTokenSource();
        var reader = feed.ReadAsync(1, cancellation.Token);
        var next = reader.MoveNextAsync().AsTask();
        Assert.False(next.IsCompleted);
        cancellation.Cancel();
        Assert.True(next.IsCanceled);
        Assert.True(reader.DisposeAsync().AsTask().IsCompletedSuccessfully);
        return new WeakReference(reader);
    }
}
