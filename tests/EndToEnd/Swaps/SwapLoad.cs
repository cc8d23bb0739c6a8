using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics;

namespace PluginHost.EndToEnd.Swaps;

/// <summary>Callers that send runs all the time, each on one session, and check every answer.</summary>
internal sealed class SwapLoad : IAsyncDisposable
{
    public const int Callers = 32;

    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentBag<string> _wrong = [];
    private readonly Task _callers;
    private volatile ImmutableList<IReadOnlyList<string>> _accepted;
    private TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _runs;

    /// <param name="api">The host.</param>
    /// <param name="question">The input of every run.</param>
    /// <param name="accepted">One of these is in every answer.</param>
    /// <param name="callers">How many callers there are.</param>
    /// <param name="agent">The agent that is asked.</param>
    public SwapLoad(ApiClient api, string question, string accepted, int callers = Callers, string agent = "assistant")
    {
        _accepted = [[accepted]];
        _callers = Task.WhenAll(Enumerable.Range(0, callers).Select(i => Task.Run(() => CallAsync(s => api.AskAgentAsync(agent, s, question), $"load-{i}"))));
    }

    public int Runs => Volatile.Read(ref _runs);

    /// <summary>How long each run took, in the order of their ends.</summary>
    public ConcurrentQueue<TimeSpan> Durations { get; } = new();

    /// <summary>From now on runs may begin with this answer too, until <see cref="Expect"/>.</summary>
    public void Allow(string answer) => _accepted = _accepted.Add([.. _accepted[^1], answer]);

    /// <summary>Runs that begin from now on must have this answer.</summary>
    public void Expect(string answer) => _accepted = _accepted.Add([answer]);

    /// <summary>Waits until each caller has had some more answers on average.</summary>
    public async Task AnsweredAsync(int perCaller = 3)
    {
        using var limit = new CancellationTokenSource(ChildProcess.TimeLimit);
        var target = Runs + (perCaller * Callers);
        while (Runs < target && _wrong.IsEmpty && !_callers.IsCompleted)
        {
            var answered = Volatile.Read(ref _answered).Task;
            if (Runs < target && _wrong.IsEmpty) await Task.WhenAny(answered, _callers).WaitAsync(limit.Token);
        }

        Assert.True(_wrong.IsEmpty, string.Join("\n", _wrong.Take(5)));
    }

    /// <summary>Ends the load. No run may have failed or had a wrong answer.</summary>
    public async Task FinishAsync(RunningHost host)
    {
        await _stopping.CancelAsync();
        await _callers.WaitAsync(ChildProcess.TimeLimit);
        Assert.True(_wrong.IsEmpty, $"{_wrong.Count} of {Runs} runs were wrong: {string.Join("\n", _wrong.Take(5))}\n{host.Transcript}");
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _callers.WaitAsync(ChildProcess.TimeLimit);
        _stopping.Dispose();
    }

    private async Task CallAsync(Func<string, Task<string>> ask, string session)
    {
        while (!_stopping.IsCancellationRequested)
        {
            var first = _accepted.Count - 1;
            var began = Stopwatch.GetTimestamp();
            try
            {
                var answer = await ask(session);
                Durations.Enqueue(Stopwatch.GetElapsedTime(began));
                // What was right at any time from the beginning of the run to its end.
                var right = _accepted.Skip(first).SelectMany(a => a).Distinct().ToList();
                if (!right.Exists(a => answer.Contains(a, StringComparison.Ordinal))) _wrong.Add($"{answer}, not {string.Join(" or ", right)}");
            }
            catch (Exception e) when (e is HttpRequestException or Xunit.Sdk.XunitException or TaskCanceledException)
            {
                _wrong.Add(e.Message);
                Signal();
                return;
            }

            Interlocked.Increment(ref _runs);
            Signal();
        }
    }

    private void Signal() => Interlocked.Exchange(ref _answered, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
}
