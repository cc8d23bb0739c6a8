using PluginHost.Engine.Calls;

namespace PluginHost.ModelClients.OpenAI.Entra;

/// <summary>
/// Keeps a token until shortly before its end. Callers share one renewal, which continues when a caller stops waiting. While the old
/// token is valid, its renewal delays no caller, and its failure fails none. Thread-safe.
/// </summary>
/// <param name="source">Issues the tokens.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">The log.</param>
internal sealed class TokenCache(ITokenSource source, TimeProvider timeProvider, ILogger logger)
{
    /// <summary>The limit for one renewal.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>How long before its end a token is renewed; half of its life when that is shorter.</summary>
    private static readonly TimeSpan Early = TimeSpan.FromMinutes(5);

    /// <summary>The pause after a renewal that failed while the old token is valid.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private Held? _held;
    private Task<Held>? _renewal;

    /// <summary>The last token, also when it is no longer used; null when there was none.</summary>
    public string? Last
    {
        get
        {
            lock (_lock) return _held?.Value;
        }
    }

    /// <summary>A valid token.</summary>
    /// <param name="patience">How long this caller waits.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="TokenException">There is none.</exception>
    public async ValueTask<string> GetAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        Task<Held> renewal;
        lock (_lock)
        {
            var now = timeProvider.GetUtcNow();
            var valid = now < _held?.ValidUntil ? _held : null;
            if (now < valid?.RenewAt) return valid.Value;
            renewal = _renewal ??= StartRenewal();
            if (valid is not null) return valid.Value;
        }

        try
        {
            return (await renewal.WaitAsync(patience, timeProvider, cancellationToken)).Value;
        }
        catch (TimeoutException e)
        {
            throw CreateSilent(patience, e);
        }
    }

    /// <summary>A server did not accept a token. The next caller asks the source again, which may have kept the same one.</summary>
    public void Discard(string? token)
    {
        lock (_lock)
        {
            if (_held is { } held && held.Value == token) held.ValidUntil = DateTimeOffset.MinValue;
        }
    }

    private Task<Held> StartRenewal()
    {
        // In the pool, so that no code of the source runs under the lock.
        var renewal = Task.Run(RenewAsync, CancellationToken.None);
        // Callers with a valid token do not await it.
        BoundedWait.Forget(renewal);
        return renewal;
    }

    private async Task<Held> RenewAsync()
    {
        try
        {
            var held = Hold(await IssueAsync());
            lock (_lock) (_held, _renewal) = (held, null);
            return held;
        }
        catch (Exception e)
        {
            Postpone(e);
            throw;
        }
    }

    private async Task<IssuedToken> IssueAsync()
    {
        using var limit = new CancellationTokenSource(Limit, timeProvider);
        try
        {
            var issuing = source.IssueAsync(limit.Token);
            BoundedWait.Forget(issuing);
            return await issuing.WaitAsync(limit.Token);
        }
        catch (OperationCanceledException e)
        {
            throw CreateSilent(Limit, e);
        }
        catch (Exception e) when (e is not TokenException)
        {
            throw new TokenException(isPassing: false, $"{source.Name} failed with {e.GetType().Name}.", e);
        }
    }

    private Held Hold(IssuedToken token)
    {
        var now = timeProvider.GetUtcNow();
        var life = token.ExpiresAt - now;
        if (life <= TimeSpan.Zero)
            throw new TokenException(isPassing: false, $"{source.Name} issued a token that ended at {token.ExpiresAt:O}. Check the clock of this machine.");
        var early = life / 2 < Early ? life / 2 : Early;
        var renewAt = token.ExpiresAt - early;
        // The package returns its token once more while it renews it in the background.
        if (token.RenewAt < renewAt) renewAt = token.RenewAt > now ? token.RenewAt.Value : now + Pause;
        return new Held(token.Value, renewAt, token.ExpiresAt - (early / 10));
    }

    private void Postpone(Exception error)
    {
        lock (_lock)
        {
            _renewal = null;
            var now = timeProvider.GetUtcNow();
            if (_held is not { } held || now >= held.ValidUntil) return;
            held.RenewAt = now + Pause;
            Log.TokenNotRenewed(logger, held.ValidUntil, error.Message);
        }
    }

    private TokenException CreateSilent(TimeSpan time, Exception inner) =>
        new(isPassing: true, $"{source.Name} gave no token within {time.TotalSeconds:0.#} s. Check that the host can reach the service that issues its tokens.", inner);

    private sealed class Held(string value, DateTimeOffset renewAt, DateTimeOffset validUntil)
    {
        public string Value { get; } = value;

        public DateTimeOffset RenewAt { get; set; } = renewAt;

        public DateTimeOffset ValidUntil { get; set; } = validUntil;
    }
}
