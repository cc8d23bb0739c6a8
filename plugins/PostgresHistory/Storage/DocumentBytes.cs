using System.Runtime.InteropServices;

namespace PluginHost.Postgres;

internal static class DocumentBytes
{
    /// <summary>The bytes of a document as an array. Copies only when the document is part of one.</summary>
    public static byte[] ToBytes(this ReadOnlyMemory<byte> document) =>
        MemoryMarshal.TryGetArray(document, out var part) && part.Array!.Length == part.Count ? part.Array : document.ToArray();
}
