using System.Text;
using Microsoft.Extensions.Logging;
using PluginHost.Sdk;

namespace PluginHost.Shared;

/// <summary>The limits of a call to a server.</summary>
/// <param name="Timeout">The time limit of one attempt until the answer begins, and of silence during the answer.</param>
/// <param name="MaxRetries">The maximum number of retries.</param>
internal readonly record struct CallLimits(TimeSpan Timeout, int MaxRetries);

/// <summary>
/// Sends requests with a time limit and retries. An answer that is a failure becomes a <see cref="ModelException"/>. There is no retry after an
/// answer has begun. Thread-safe.
/// </summary>
internal sealed class ServerHandler(CallLimits limits, ServerFailures failures, ILogger logger, TimeProvider time) : DelegatingHandler
{
    private const int MaxErrorBytes = 1024 * 1024;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        for (var retry = 1; ; retry++)
        {
            try
            {
                return await SendOnceAsync(request, cancellationToken);
            }
            catch (Exception e)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var failure = failures.From(e, answerStarted: false);
                if (retry > limits.MaxRetries || !ServerFailures.IsWorthRetry(failure)) throw failure;
                var delay = failure.RetryAfter ?? Backoff(retry);
                Log.Retrying(logger, failure.Details ?? failure.Message, retry, limits.MaxRetries, delay.TotalSeconds);
                await Task.Delay(delay, time, cancellationToken);
            }
        }
    }

    private async Task<HttpResponseMessage> SendOnceAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(limits.Timeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        if (SentBody.Current is { } sent && request.Content is { } content) sent.Set(await content.ReadAsByteArrayAsync(both.Token));
        var response = await base.SendAsync(request, both.Token);
        await LimitSilenceAsync(response, cancellationToken);
        if (response.IsSuccessStatusCode) return response;
        using (response)
        {
            throw failures.FromStatus((int)response.StatusCode, response.Headers, ServerError.From(await ReadErrorAsync(response.Content, cancellationToken)));
        }
    }

    private async Task LimitSilenceAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var body = new StreamContent(new SilenceLimit(await response.Content.ReadAsStreamAsync(cancellationToken), limits.Timeout, time));
        foreach (var (name, values) in response.Content.Headers) body.Headers.TryAddWithoutValidation(name, values);
        response.Content = body;
    }

    /// <summary>The body as text; empty when it is too long or cannot be read, because the status says enough.</summary>
    private static async Task<string> ReadErrorAsync(HttpContent content, CancellationToken cancellationToken)
    {
        try
        {
            await content.LoadIntoBufferAsync(MaxErrorBytes, cancellationToken);
            // Not as a string: that fails for a charset that .NET does not know.
            return Encoding.UTF8.GetString(await content.ReadAsByteArrayAsync(cancellationToken));
        }
        catch (Exception e) when (e is HttpRequestException or IOException or TimeoutException)
        {
            return "";
        }
    }

    private static TimeSpan Backoff(int retry) => TimeSpan.FromSeconds(Math.Min(8, 0.5 * Math.Pow(2, retry - 1)) * (1 - (0.25 * Random.Shared.NextDouble())));
}
