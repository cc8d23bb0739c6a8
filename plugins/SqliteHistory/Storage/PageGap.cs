using System.Buffers.Binary;

namespace PluginHost.Sqlite;

/// <summary>
/// The unallocated space of a b-tree page, between the cell pointers and the cells. SQLite does not clear it when it rebuilds a
/// page, even with <c>secure_delete</c>, so it may hold copies of rows that moved to another page.
/// </summary>
internal static class PageGap
{
    /// <summary>
    /// The maximum number of pages (128 GB with pages of 4 KB). In a larger file, an overflow page could start with a page number
    /// that looks like the header of a b-tree page.
    /// </summary>
    public const long MaxPages = 0x01FF_FFFF;

    private const int FileHeader = 100, LeafHeader = 8, InteriorHeader = 12;

    /// <param name="page">A page of the database.</param>
    /// <param name="isFirst">Whether this is the first page, which starts with the file header.</param>
    /// <returns>The range of the unallocated bytes; empty when the page is not a b-tree page.</returns>
    public static Range Find(ReadOnlySpan<byte> page, bool isFirst)
    {
        var header = isFirst ? FileHeader : 0;
        var length = page[header] switch { 0x0D or 0x0A => LeafHeader, 0x05 or 0x02 => InteriorHeader, _ => 0 };
        if (length == 0) return default;
        var start = header + length + (2 * BinaryPrimitives.ReadUInt16BigEndian(page[(header + 3)..]));
        var end = BinaryPrimitives.ReadUInt16BigEndian(page[(header + 5)..]) is var cells and not 0 ? cells : 65_536;
        return start <= end && end <= page.Length ? start..end : default;
    }
}
