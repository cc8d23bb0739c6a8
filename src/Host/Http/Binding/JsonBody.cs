using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Http.Access;
using PluginHost.Http.Cluster;
using PluginHost.Http.Errors;

namespace PluginHost.Http.Binding;

/// <summary>Reads a request's body as JSON and checks the rules of every body: its content type, syntax, text and unique keys.</summary>
internal static class JsonBody
{
    private const long MaxDiscardedBytes = 64 * 1024 * 1024;

    /// <summary>The shared pool would keep larger blocks.</summary>
    private const int MaxPooledBytes = 1024 * 1024;

    /// <summary>The body as an object. Errors inside it are added to <paramref name="errors"/>.</summary>
    /// <param name="request">The request.</param>
    /// <param name="errors">Collects.</param>
    /// <param name="optional">Whether a request without a body counts as one with an empty object.</param>
    /// <exception cref="ProblemException">400, 413 or 415: there is no object to read.</exception>
    public static async ValueTask<JsonElement> ReadAsync(HttpRequest request, InputErrors errors, bool optional = false)
    {
        var forwardable = request.HttpContext.Features.Get<ForwardableBody>();
        if (forwardable?.Bytes is { } known) return ReadObject(new ReadOnlySequence<byte>(known), request, errors, optional);
        await RefuseTooLargeAsync(request);
        var slot = request.HttpContext.Features.Get<RequestSlot>();
        var counted = await CountAsync(request, slot);
        var reader = request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(request.HttpContext.RequestAborted);
            // Of a body without a length it is known only now.
            if (read.Buffer.Length > counted) slot?.AddBody(read.Buffer.Length - counted);
            counted = Math.Max(counted, read.Buffer.Length);
            if (!read.IsCompleted)
            {
                reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                continue;
            }

            try
            {
                if (forwardable is not null) forwardable.Bytes = read.Buffer.ToArray();
                return ReadObject(read.Buffer, request, errors, optional);
            }
            finally
            {
                reader.AdvanceTo(read.Buffer.End);
            }
        }
    }

    private static JsonElement ReadObject(ReadOnlySequence<byte> body, HttpRequest request, InputErrors errors, bool optional)
    {
        if (body.IsEmpty)
        {
            return optional
                ? JsonElement.Parse("{}"u8)
                : throw new ProblemException(HttpProblemTypes.MalformedJson, "The request needs a body: a JSON object.");
        }

        CheckContentType(request);
        var root = ParseAll(body);
        if (root.ValueKind != JsonValueKind.Object)
            throw ProblemException.Invalid(new ProblemError("$", $"Expected object, got {JsonKinds.Name(root)}.", "object"));
        JsonText.Check(root, errors);
        return root;
    }

    /// <summary>The document has a copy of the bytes, so that they need not be copied before.</summary>
    private static JsonElement ParseAll(ReadOnlySequence<byte> body)
    {
        if (body.IsSingleSegment) return Parse(body.FirstSpan);
        if (body.Length > MaxPooledBytes) return Parse(body.ToArray());
        var length = (int)body.Length;
        var pooled = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            body.CopyTo(pooled);
            return Parse(pooled.AsSpan(0, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(pooled);
        }
    }

    public static JsonElement Parse(ReadOnlySpan<byte> bytes)
    {
        if (!Utf8.IsValid(bytes)) throw new ProblemException(HttpProblemTypes.MalformedJson, "The body is not valid UTF-8.");
        try
        {
            return JsonElement.Parse(bytes, JsonDepth.Documents);
        }
        catch (JsonException e)
        {
            // The position is added by the serializer's message too, counted from 0; people count from 1.
            var cause = e.Message.Split(" LineNumber:", 2)[0];
            throw new ProblemException(
                HttpProblemTypes.MalformedJson, $"The body is not JSON: line {e.LineNumber + 1}, position {e.BytePositionInLine + 1}: {cause}");
        }
    }

    private static void CheckContentType(HttpRequest request)
    {
        // What nearly all callers send.
        if (request.ContentType is "application/json") return;
        var isJson = MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            && (type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
                || type.MediaType.Equals("application/merge-patch+json", StringComparison.OrdinalIgnoreCase))
            && (!type.Charset.HasValue || HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase));
        if (!isJson) throw UnsupportedMediaType();
    }

    public static ProblemException UnsupportedMediaType() =>
        new(HttpProblemTypes.UnsupportedMediaType, "The body has to be JSON in UTF-8: send Content-Type: application/json.");

    /// <summary>
    /// A caller that is still sending when the connection closes gets a broken connection, not the answer. So a body that is too
    /// large, within a second limit, is read to its end and discarded.
    /// </summary>
    private static async ValueTask RefuseTooLargeAsync(HttpRequest request)
    {
        var limit = request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>();
        if (request.ContentLength is not { } length || limit is not { IsReadOnly: false } || length <= (limit.MaxRequestBodySize ?? length)) return;
        await DiscardAsync(request, length);
        throw TooLarge();
    }

    /// <summary>Counts a body against the tenant's share before any of it is in memory.</summary>
    /// <returns>How many bytes were counted.</returns>
    private static async ValueTask<long> CountAsync(HttpRequest request, RequestSlot? slot)
    {
        var length = request.ContentLength ?? 0;
        try
        {
            slot?.AddBody(length);
            return length;
        }
        catch (ProblemException)
        {
            await DiscardAsync(request, length);
            throw;
        }
    }

    private static async ValueTask DiscardAsync(HttpRequest request, long length)
    {
        if (length > MaxDiscardedBytes || request.Headers.ContainsKey(HeaderNames.Expect)) return;
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = null;
        await request.Body.CopyToAsync(Stream.Null, request.HttpContext.RequestAborted);
    }

    public static ProblemException TooLarge() =>
        new(HttpProblemTypes.BodyTooLarge, "The body is larger than the host takes (Server:MaxBodyBytes; of an import, Server:MaxImportBytes).");
}
