using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace PluginHost.Files.Storage;

/// <summary>The name of a session's files: a part for people, and a hash that alone makes it unique.</summary>
internal static class FileName
{
    private const int ReadableLength = 40;

    /// <summary>
    /// Lower case letters, digits, <c>_</c> and <c>-</c> only, at most 73 characters. The hash follows a hyphen, not a dot: Windows
    /// takes <c>con.anything</c> for a device.
    /// </summary>
    public static string Of(SessionKey session)
    {
        var name = new StringBuilder(ReadableLength + 33);
        foreach (var c in session.Id.AsSpan(0, Math.Min(session.Id.Length, ReadableLength)))
            name.Append(char.IsAsciiLetterOrDigit(c) || c == '-' ? char.ToLowerInvariant(c) : '_');
        return name.Append('-').Append(Digest(session.Tenant, session.Id).ToString("x32", null)).ToString();
    }

    /// <summary>128 bits of SHA-256 over the parts, so that no two lists of parts share one.</summary>
    public static UInt128 Digest(params ReadOnlySpan<string> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> digest = stackalloc byte[32];
        foreach (var part in parts)
        {
            var length = part.Length;
            hash.AppendData(MemoryMarshal.AsBytes(new ReadOnlySpan<int>(ref length)));
            hash.AppendData(MemoryMarshal.AsBytes(part.AsSpan()));
        }

        hash.GetHashAndReset(digest);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(digest);
    }
}
