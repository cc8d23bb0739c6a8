using System.Buffers;

namespace PluginHost.Telemetry.Export;

/// <summary>
/// Sends the batches of a signal with another client, and reports those that the collector accepted. The OpenTelemetry SDK reports
/// failures only.
/// </summary>
/// <param name="inner">Sends the requests.</param>
/// <param name="isMetrics">Whether items are points of metrics.</param>
/// <param name="accepted">Called with the items of an accepted batch, and how many of them were rejected.</param>
internal sealed class SignalHandler(HttpClient inner, bool isMetrics, Action<long, long> accepted) : HttpMessageHandler
{
    private const string GrpcStatus = "grpc-status";

    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var items = CountItems(request);
        return Report(items, inner.Send(Copy(request), cancellationToken));
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var items = CountItems(request);
        return Report(items, await inner.SendAsync(Copy(request), cancellationToken).ConfigureAwait(false));
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) inner.Dispose();
        base.Dispose(disposing);
    }

    private HttpResponseMessage Report(long items, HttpResponseMessage response)
    {
        if (IsSuccess(response)) accepted(items, ReadRejected(response.Content));
        return response;
    }

    private static long ReadRejected(HttpContent content)
    {
        try
        {
            return OtlpMessages.ReadRejected(Unpack(content));
        }
        catch (InvalidDataException)
        {
            // The batch was accepted, whatever its answer says.
            return 0;
        }
    }

    /// <summary>A client refuses a request that another one has sent.</summary>
    private static HttpRequestMessage Copy(HttpRequestMessage request)
    {
        var copy = new HttpRequestMessage(request.Method, request.RequestUri) { Version = request.Version, VersionPolicy = request.VersionPolicy, Content = request.Content };
        foreach (var (name, values) in request.Headers) copy.Headers.TryAddWithoutValidation(name, values);
        return copy;
    }

    private long CountItems(HttpRequestMessage request)
    {
        if (request.Content is not { } content) return 0;
        // A batch has a hundred kilobytes: copies of it would be large objects, which only full garbage collections remove.
        if (IsGrpc(content) || IsCompressed(content) || content.Headers.ContentLength is not (> 0 and <= int.MaxValue and var length))
            return OtlpMessages.CountItems(Unpack(content), isMetrics);
        var bytes = ArrayPool<byte>.Shared.Rent((int)length);
        try
        {
            return OtlpMessages.CountItems(bytes.AsSpan(0, content.ReadAsStream().ReadAtLeast(bytes.AsSpan(0, (int)length), (int)length, throwOnEndOfStream: false)), isMetrics);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    // Requests and answers are in memory, so that reading them needs no waiting.
    private static byte[] Unpack(HttpContent content) =>
        OtlpMessages.Unpack(content.ReadAsByteArrayAsync().GetAwaiter().GetResult(), IsGrpc(content), IsCompressed(content));

    private static bool IsGrpc(HttpContent content) => content.Headers.ContentType?.MediaType?.StartsWith("application/grpc", StringComparison.Ordinal) == true;

    private static bool IsCompressed(HttpContent content) => content.Headers.ContentEncoding.Contains("gzip");

    private static bool IsSuccess(HttpResponseMessage response)
    {
        if (!response.IsSuccessStatusCode) return false;
        var status = response.TrailingHeaders.TryGetValues(GrpcStatus, out var trailing) ? trailing
            : response.Headers.TryGetValues(GrpcStatus, out var leading) ? leading : ["0"];
        return status.FirstOrDefault() == "0";
    }
}
