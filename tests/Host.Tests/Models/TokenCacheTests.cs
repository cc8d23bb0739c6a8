using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;
using PluginHost.ModelClients.OpenAI.Entra;
using PluginHost.Tests.Api;

namespace PluginHost.Tests.Models;

public sealed class TokenCacheTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly FakeTimeProvider _time = new();
    private readonly Source _source = new();
    private readonly LogLines _log = new();
    private readonly TokenCache _cache;

    public TokenCacheTests() => _cache = new(_source, _time, _log.CreateLogger("tokens"));

    [Theory]
    [InlineData(3600, null, 3300)]
    [InlineData(86_400, 43_200, 43_200)]
    [InlineData(100, null, 50)]
    public async Task A_token_is_used_until_five_minutes_or_half_of_its_life_before_its_end_or_until_its_issuer_says(int life, int? recommended, int renewedAfter)
    {
        _source.Issue("one", _time.GetUtcNow(), life, recommended);
        Assert.Equal("one", await GetAsync());

        _time.Advance(TimeSpan.FromSeconds(renewedAfter - 1));
        Assert.Equal("one", await GetAsync());
        Assert.Equal(1, _source.Count);

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("one", await GetAsync());
        await _source.CountAsync(2);
    }

    [Fact]
    public async Task A_renewal_that_hangs_or_fails_delays_no_caller_while_the_old_token_is_valid()
    {
        _source.Issue("one", _time.GetUtcNow(), 3600);
        await GetAsync();
        _time.Advance(TimeSpan.FromSeconds(3400));

        Assert.Equal("one", await GetAsync());
        await _source.CountAsync(2);
        Assert.Equal("one", await GetAsync());
        Assert.Equal(2, _source.Count);
        _source.Fail("It is down.");
        await _log.WaitForAsync("was not renewed. It is down.");
        Assert.Equal("one", await GetAsync());
        Assert.Equal(2, _source.Count);

        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal("one", await GetAsync());
        await _source.CountAsync(3);
        _source.Issue("two", _time.GetUtcNow(), 3600);
        while (await GetAsync() == "one") await Task.Yield();
        Assert.Equal("two", await GetAsync());
    }

    [Fact]
    public async Task Callers_share_one_renewal_and_a_cancelled_caller_fails_no_other()
    {
        using var cancelled = new CancellationTokenSource();
        var first = _cache.GetAsync(Patience, cancelled.Token).AsTask();
        var others = Enumerable.Range(0, 5).Select(_ => GetAsync()).ToList();
        await _source.CountAsync(1);

        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        _source.Issue("one", _time.GetUtcNow(), 3600);

        Assert.All(await Task.WhenAll(others), token => Assert.Equal("one", token));
        Assert.Equal(1, _source.Count);
    }

    [Fact]
    public async Task A_token_that_its_issuer_returns_once_more_is_not_renewed_by_every_call()
    {
        var start = _time.GetUtcNow();
        _source.Issue("one", start, 86_400, 43_200);
        await GetAsync();
        _time.Advance(TimeSpan.FromSeconds(43_200));
        _source.Issue("one", start, 86_400, 43_200);

        for (var i = 0; i < 1000; i++)
        {
            Assert.Equal("one", await GetAsync());
            await Task.Yield();
        }

        await _source.CountAsync(2);
        Assert.Equal(2, _source.Count);
    }

    [Fact]
    public async Task After_the_end_of_a_token_callers_wait_for_the_new_one()
    {
        _source.Issue("one", _time.GetUtcNow(), 3600);
        await GetAsync();
        _time.Advance(TimeSpan.FromSeconds(3590));

        var waiting = GetAsync();
        await _source.CountAsync(2);
        Assert.False(waiting.IsCompleted);
        _source.Fail("It is down.");

        Assert.Equal("It is down.", (await Assert.ThrowsAsync<TokenException>(() => waiting)).Message);
    }

    [Fact]
    public async Task A_token_that_has_ended_when_it_comes_is_an_error_of_the_clock()
    {
        _source.Issue("old", _time.GetUtcNow(), -1);

        var error = await Assert.ThrowsAsync<TokenException>(GetAsync);

        Assert.Contains("Check the clock", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("old", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_package_throws_otherwise_is_an_error_without_its_words()
    {
        _source.Throw(new InvalidOperationException("secret"));

        var error = await Assert.ThrowsAsync<TokenException>(GetAsync);

        Assert.Equal((false, "Source failed with InvalidOperationException."), (error.IsPassing, error.Message));
    }

    [Fact]
    public async Task A_discarded_token_is_not_used_again_and_another_one_is_not_discarded()
    {
        _source.Issue("one", _time.GetUtcNow(), 3600);
        await GetAsync();

        _cache.Discard("other");
        Assert.Equal("one", await GetAsync());
        _cache.Discard("one");
        _source.Issue("two", _time.GetUtcNow(), 3600);

        Assert.Equal("two", await GetAsync());
    }

    public void Dispose() => _log.Dispose();

    private Task<string> GetAsync() => _cache.GetAsync(Patience, default).AsTask().WaitAsync(TimeSpan.FromSeconds(20));

    /// <summary>Issues what the test gives it, now or later.</summary>
    private sealed class Source : ITokenSource
    {
        private readonly ConcurrentQueue<TaskCompletionSource<IssuedToken>> _waiting = new();
        private readonly ConcurrentQueue<TaskCompletionSource<IssuedToken>> _given = new();
        private readonly SemaphoreSlim _asked = new(0);
        private readonly Lock _lock = new();
        private int _count;

        public string Name => "Source";

        public int Count => Volatile.Read(ref _count);

        public Task<IssuedToken> IssueAsync(CancellationToken cancellationToken)
        {
            lock (_lock)
            {
                _count++;
                _asked.Release();
                if (_given.TryDequeue(out var given)) return given.Task;
                var source = new TaskCompletionSource<IssuedToken>(TaskCreationOptions.RunContinuationsAsynchronously);
                _waiting.Enqueue(source);
                return source.Task;
            }
        }

        public async Task CountAsync(int count)
        {
            while (Count < count) Assert.True(await _asked.WaitAsync(TimeSpan.FromSeconds(20)));
        }

        public void Issue(string token, DateTimeOffset now, int life, int? recommended = null) =>
            Next().SetResult(new(token, now.AddSeconds(life), recommended is { } seconds ? now.AddSeconds(seconds) : null));

        public void Fail(string message) => Next().SetException(new TokenException(isPassing: true, message));

        public void Throw(Exception error) => Next().SetException(error);

        private TaskCompletionSource<IssuedToken> Next()
        {
            lock (_lock)
            {
                if (_waiting.TryDequeue(out var waiting)) return waiting;
                var given = new TaskCompletionSource<IssuedToken>(TaskCreationOptions.RunContinuationsAsynchronously);
                _given.Enqueue(given);
                return given;
            }
        }
    }
}
