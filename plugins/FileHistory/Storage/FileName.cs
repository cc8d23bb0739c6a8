using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace PluginHost.Files.Storage;

/// <summary>The name of a session's files: a readable part, and a hash that makes it unique.</summary>
internal static class FileName
{
    private const int ReadableLength = 40;

    /// <summary>
    /// Creates the name from lower case letters, digits, <c>_</c> and <c>-</c>, at most 73 characters. A hyphen separates the hash,
    /// because Windows treats <c>con.anything</c> as a device.
    /// </summary>
    public static string From(SessionKey session)
    {
        var name = new StringBuilder(ReadableLength + 33);
        foreach (var c in session.Id.AsSpan(0, Math.Min(session.Id.Length, ReadableLength)))
            name.Append(char.IsAsciiLetterOrDigit(c) || c == '-' ? char.ToLowerInvariant(c) : '_');
        return name.Append('-').Append(Digest(session.Tenant, session.Id).ToString("x32", null)).ToString();
    }

    /// <summary>Hashes the parts and their lengths with SHA-256 and returns the first 128 bits.</summary>
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
