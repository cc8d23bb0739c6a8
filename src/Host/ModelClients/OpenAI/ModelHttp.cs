using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Http.Resilience;
using Polly;
using Polly.Timeout;

namespace PluginHost.ModelClients.OpenAI;

/// <summary>The HTTP side of model calls: one pool of connections for all clients, and retries for each. Thread-safe.</summary>
internal sealed class ModelHttp(ILogger logger, TimeProvider timeProvider) : IDisposable
{
    /// <summary>A longer wait than this is the caller's business, not ours.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    private readonly SocketsHttpHandler _connections = new()
    {
        // Long enough to save handshakes, short enough to follow DNS.
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        ConnectTimeout = TimeSpan.FromSeconds(15),
        AutomaticDecompression = DecompressionMethods.All,
        UseCookies = false,
        // A redirect could carry the key to another host.
        AllowAutoRedirect = false,
    };

    public HttpClient CreateClient(OpenAIOptions options, ModelKey key)
    {
        var handler = new ResilienceHandler(CreatePipeline(options))
        {
            InnerHandler = new KeyHandler(key, options.KeyHeader) { InnerHandler = _connections },
        };
        return new(handler, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };
    }

    public void Dispose() => _connections.Dispose();

    /// <summary>When the server asks to be called again; null when it does not say.</summary>
    public static TimeSpan? RetryAfter(RetryConditionHeaderValue? header, TimeProvider timeProvider) =>
        header?.Delta ?? (header?.Date - timeProvider.GetUtcNow());

    private ResiliencePipeline<HttpResponseMessage> CreatePipeline(OpenAIOptions options)
    {
        var pipeline = new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = timeProvider };
        if (options.MaxRetries > 0)
        {
            pipeline.AddRetry(new HttpRetryStrategyOptions
            {
                MaxRetryAttempts = options.MaxRetries,
                Delay = TimeSpan.FromSeconds(1),
                ShouldHandle = args => ValueTask.FromResult(ShouldRetry(args.Outcome)),
                OnRetry = args =>
                {
                    var cause = args.Outcome.Result is { } response ? $"status {(int)response.StatusCode}" : args.Outcome.Exception!.Message;
                    Log.RetryingModel(logger, options.Endpoint, cause, args.RetryDelay.TotalSeconds, args.AttemptNumber + 1, options.MaxRetries);
                    return default;
                },
            });
        }

        return pipeline.AddTimeout(new TimeoutStrategyOptions { Timeout = TimeSpan.FromSeconds(options.TimeoutSeconds) }).Build();
    }

    private bool ShouldRetry(Outcome<HttpResponseMessage> outcome)
    {
        if (!HttpClientResiliencePredicates.IsTransient(outcome)) return false;
        if (outcome.Result is not { } response) return true;
        if (response.Headers.TryGetValues("x-should-retry", out var told) && told.Contains("false")) return false;
        return !(RetryAfter(response.Headers.RetryAfter, timeProvider) > LongestWait);
    }
}
