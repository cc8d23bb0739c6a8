using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.Extensions.Http.Resilience;
using PluginHost.Sdk;
using Polly;
using Polly.Timeout;

namespace PluginHost.ModelClients.OpenAI;

/// <summary>Creates HTTP clients for model calls, with shared connection pools and separate retries. Thread-safe.</summary>
/// <param name="logger">The log.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="traceOnly">Sends a trace without the caller's baggage; null for the platform's propagator.</param>
internal sealed class ModelHttpClientFactory(ILogger logger, TimeProvider timeProvider, DistributedContextPropagator? traceOnly) : IDisposable
{
    /// <summary>The maximum delay of a retry. When the server asks for more, the caller decides.</summary>
    private static readonly TimeSpan MaxRetryDelay = TimeSpan.FromSeconds(60);

    private const int MaxErrorBytes = 1024 * 1024;

    private readonly SocketsHttpHandler _connections = CreateConnections(traceOnly);
    private readonly SocketsHttpHandler _connectionsWithBaggage = CreateConnections(null);

    /// <summary>Creates the client of one agent's model.</summary>
    public HttpClient CreateClient(OpenAIOptions options, IModelAccess access)
    {
        var handler = new ResilienceHandler(CreatePipeline(options))
        {
            InnerHandler = new ModelAccessHandler(access) { InnerHandler = options.SendBaggage ? _connectionsWithBaggage : _connections },
        };
        return new(handler, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>Creates a client without retries and time limits, for a service that issues tokens.</summary>
    public HttpClient CreatePlainClient() => new(_connections, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };

    public void Dispose()
    {
        _connections.Dispose();
        _connectionsWithBaggage.Dispose();
    }

    /// <summary>Gets the delay that the server asks for; null when it does not say.</summary>
    public static TimeSpan? GetRetryAfter(HttpResponseHeaders headers, TimeProvider timeProvider)
    {
        if (headers.TryGetValues("retry-after-ms", out var texts) && double.TryParse(texts.First(), NumberStyles.Float, CultureInfo.InvariantCulture, out var time) && time is >= 0 and < 1e9)
            return TimeSpan.FromMilliseconds(time);
        return headers.RetryAfter?.Delta ?? (headers.RetryAfter?.Date - timeProvider.GetUtcNow());
    }

    private static SocketsHttpHandler CreateConnections(DistributedContextPropagator? propagator) => new()
    {
        // Saves handshakes, but still follows DNS changes.
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        ConnectTimeout = TimeSpan.FromSeconds(15),
        AutomaticDecompression = DecompressionMethods.All,
        UseCookies = false,
        // A redirect could carry the key to another host.
        AllowAutoRedirect = false,
        ActivityHeadersPropagator = propagator ?? DistributedContextPropagator.Current,
    };

    private ResiliencePipeline<HttpResponseMessage> CreatePipeline(OpenAIOptions options)
    {
        var pipeline = new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = timeProvider };
        if (options.MaxRetries > 0)
        {
            pipeline.AddRetry(new HttpRetryStrategyOptions
            {
                MaxRetryAttempts = options.MaxRetries,
                Delay = TimeSpan.FromSeconds(1),
                ShouldHandle = args => ShouldRetryAsync(args.Outcome, args.Context.CancellationToken),
                OnRetry = args =>
                {
                    var cause = args.Outcome.Result is { } response ? $"status {(int)response.StatusCode}"
                        : args.Outcome.Exception is ModelException { Details: { } details } ? details
                        : args.Outcome.Exception!.Message;
                    Log.RetryingModel(logger, options.Endpoint, cause, args.AttemptNumber + 1, options.MaxRetries, args.RetryDelay.TotalSeconds);
                    return default;
                },
            });
        }

        return pipeline.AddTimeout(new TimeoutStrategyOptions { Timeout = TimeSpan.FromSeconds(options.TimeoutSeconds) }).Build();
    }

    private async ValueTask<bool> ShouldRetryAsync(Outcome<HttpResponseMessage> outcome, CancellationToken cancellationToken)
    {
        if (!ShouldRetry(outcome)) return false;
        if (outcome.Result is not { StatusCode: HttpStatusCode.TooManyRequests } response) return true;
        if (await ReadErrorAsync(response, cancellationToken) is not { } error) return true;
        if (ModelErrorCodes.ShouldRetry(error.Code) == false || error.RetryAfter > MaxRetryDelay) return false;
        // The wait reads the header.
        if (error.RetryAfter is { } delay) response.Headers.RetryAfter ??= new RetryConditionHeaderValue(delay);
        return true;
    }

    /// <summary>Why the server refuses is in the body, which is read again when there is no retry. Null when it cannot be read.</summary>
    private static async ValueTask<ServerError?> ReadErrorAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            await response.Content.LoadIntoBufferAsync(MaxErrorBytes, cancellationToken);
            // Not as a string: that fails for a charset that .NET does not know.
            return ServerError.From(Encoding.UTF8.GetString(await response.Content.ReadAsByteArrayAsync(cancellationToken)));
        }
        catch (HttpRequestException)
        {
            // What is left of the body cannot be read.
            response.Content.Dispose();
            response.Content = new ByteArrayContent([]);
            return null;
        }
    }

    private bool ShouldRetry(Outcome<HttpResponseMessage> outcome)
    {
        // No token, because the service that issues tokens is unreachable.
        if (outcome.Exception is ModelException { Failure: ModelFailure.Unreachable }) return true;
        if (!HttpClientResiliencePredicates.IsTransient(outcome)) return false;
        if (outcome.Result is not { } response) return true;
        if (response.Headers.TryGetValues("x-should-retry", out var shouldRetry) && shouldRetry.Contains("false")) return false;
        return !(GetRetryAfter(response.Headers, timeProvider) > MaxRetryDelay);
    }
}
