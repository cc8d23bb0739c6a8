using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace PluginHost.Engine.Messages;

/// <summary>
/// Replaces halves of surrogate pairs in the arguments of a model's calls. JSON can write them, but neither a store nor the next
/// request to a model can.
/// </summary>
internal static class UnicodeArguments
{
    private const int EscapeLength = 6;

    public static void Repair(FunctionCallContent call)
    {
        if (call.Arguments is not { Count: > 0 } arguments) return;
        foreach (var name in arguments.Keys.ToArray())
        {
            if (arguments[name] is JsonElement value && Repair(value) is { } repaired) arguments[name] = repaired;
        }
    }

    /// <returns>The value with each half in its names and texts replaced by U+FFFD; null when it has none.</returns>
    public static JsonElement? Repair(JsonElement value) => Repair(JsonMarshal.GetRawUtf8Value(value));

    private static JsonElement? Repair(ReadOnlySpan<byte> json)
    {
        byte[]? copy = null;
        for (var i = json.IndexOf((byte)'\\'); i >= 0 && i < json.Length; i++)
        {
            if (json[i] != '\\') continue;
            if (!TryReadEscape(json[i..], out var unit))
            {
                i++;
                continue;
            }

            i += EscapeLength - 1;
            if (!char.IsSurrogate(unit)) continue;
            if (char.IsHighSurrogate(unit) && TryReadEscape(json[(i + 1)..], out var second) && char.IsLowSurrogate(second)) i += EscapeLength;
            else "\\ufffd"u8.CopyTo((copy ??= json.ToArray()).AsSpan(i - EscapeLength + 1));
        }

        return copy is null ? null : JsonElement.Parse(copy, CompactJson.AnyDepth);
    }

    /// <summary>Reads an escape of the form <c>\u1234</c>.</summary>
    private static bool TryReadEscape(ReadOnlySpan<byte> json, out char unit)
    {
        unit = default;
        if (!json.StartsWith("\\u"u8)) return false;
        unit = (char)ushort.Parse(json[2..EscapeLength], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        return true;
    }
}
