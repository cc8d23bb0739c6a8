using System.IO.Compression;

namespace PluginHost.Telemetry.Export;

/// <summary>Reads what requests and answers of OTLP say of their items, without the items themselves.</summary>
internal static class OtlpMessages
{
    // One of these fields of a metric holds its points: gauge, sum, histogram, exponential histogram, summary.
    private static readonly int[] PointFields = [5, 7, 9, 10, 11];

    /// <summary>Counts the spans, points or log records of an export request.</summary>
    public static long CountItems(ReadOnlySpan<byte> request, bool isMetrics)
    {
        var items = 0L;
        var resources = new OtlpFields(request);
        while (resources.Read())
        {
            if (resources.Number != 1) continue;
            var scopes = new OtlpFields(resources.Value);
            while (scopes.Read())
            {
                if (scopes.Number == 2) items += CountOfScope(scopes.Value, isMetrics);
            }
        }

        return items;
    }

    /// <summary>How many items the collector rejected of a batch that it accepted.</summary>
    public static long ReadRejected(ReadOnlySpan<byte> response)
    {
        var fields = new OtlpFields(response);
        while (fields.Read())
        {
            if (fields.Number != 1) continue;
            var partial = new OtlpFields(fields.Value);
            while (partial.Read())
            {
                if (partial.Number == 1) return (long)partial.Varint;
            }
        }

        return 0;
    }

    /// <summary>The message in the body of a request or answer.</summary>
    /// <param name="body">The body.</param>
    /// <param name="isGrpc">Whether it has the frame of gRPC.</param>
    /// <param name="isCompressed">Whether the body is compressed.</param>
    public static byte[] Unpack(byte[] body, bool isGrpc, bool isCompressed)
    {
        if (isGrpc && body.Length < 5) return [];
        isCompressed |= isGrpc && body[0] == 1;
        var content = isGrpc ? body[5..] : body;
        if (!isCompressed) return content;
        using var unzipped = new MemoryStream();
        using (var zipped = new GZipStream(new MemoryStream(content), CompressionMode.Decompress)) zipped.CopyTo(unzipped);
        return unzipped.ToArray();
    }

    private static long CountOfScope(ReadOnlySpan<byte> scope, bool isMetrics)
    {
        var items = 0L;
        var fields = new OtlpFields(scope);
        while (fields.Read())
        {
            if (fields.Number == 2) items += isMetrics ? CountPoints(fields.Value) : 1;
        }

        return items;
    }

    private static long CountPoints(ReadOnlySpan<byte> metric)
    {
        var points = 0L;
        var fields = new OtlpFields(metric);
        while (fields.Read())
        {
            if (!PointFields.Contains(fields.Number)) continue;
            var data = new OtlpFields(fields.Value);
            while (data.Read())
            {
                if (data.Number == 1) points++;
            }
        }

        return points;
    }
}

/// <summary>The fields of a protobuf message, one after the other. A broken message ends early.</summary>
internal ref struct OtlpFields(ReadOnlySpan<byte> message)
{
    private ReadOnlySpan<byte> _rest = message;

    public int Number { get; private set; }

    /// <summary>Of a field with a length: its bytes.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>Of a number: its value.</summary>
    public ulong Varint { get; private set; }

    public bool Read()
    {
        if (_rest.IsEmpty || !TryReadVarint(out var tag)) return false;
        Number = (int)(tag >> 3);
        Value = default;
        Varint = 0;
        switch (tag & 7)
        {
            case 0:
                var isRead = TryReadVarint(out var number);
                Varint = number;
                return isRead;
            case 1: return TrySkip(8);
            case 5: return TrySkip(4);
            case 2: return TryReadVarint(out var length) && length <= int.MaxValue && TrySkip((int)length);
            default: return false;
        }
    }

    private bool TrySkip(int length)
    {
        if (length > _rest.Length) return false;
        Value = _rest[..length];
        _rest = _rest[length..];
        return true;
    }

    private bool TryReadVarint(out ulong value)
    {
        value = 0;
        for (var i = 0; i < Math.Min(10, _rest.Length); i++)
        {
            value |= (ulong)(_rest[i] & 0x7f) << (7 * i);
            if (_rest[i] >= 0x80) continue;
            _rest = _rest[(i + 1)..];
            return true;
        }

        return false;
    }
}
