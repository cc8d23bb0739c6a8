using System.Buffers.Binary;

namespace PluginHost.Sqlite;

/// <summary>
/// The space of a b-tree page that nothing uses, between its list of cells and the cells themselves. SQLite leaves there what
/// stood in it when it lays a page out anew, whatever <c>secure_delete</c> says: a copy of rows that were moved to another page,
/// which no later delete finds.
/// </summary>
internal static class PageGap
{
    /// <summary>
    /// Pages up to here: a larger file could hold a page that is no b-tree and yet begins like one, with the number of another
    /// page. At 4 KB to a page these are 128 GB.
    /// </summary>
    public const long MaxPages = 0x01FF_FFFF;

    private const int FileHeader = 100, LeafHeader = 8, InteriorHeader = 12;

    /// <param name="page">A page of the database.</param>
    /// <param name="isFirst">Whether it is the first one, which begins with the header of the file.</param>
    /// <returns>The unused bytes; none when the page is no b-tree's.</returns>
    public static Range Of(ReadOnlySpan<byte> page, bool isFirst)
    {
        var header = isFirst ? FileHeader : 0;
        var length = page[header] switch { 0x0D or 0x0A => LeafHeader, 0x05 or 0x02 => InteriorHeader, _ => 0 };
        if (length == 0) return default;
        var start = header + length + (2 * BinaryPrimitives.ReadUInt16BigEndian(page[(header + 3)..]));
        var end = BinaryPrimitives.ReadUInt16BigEndian(page[(header + 5)..]) is var cells and not 0 ? cells : 65_536;
        return start <= end && end <= page.Length ? start..end : default;
    }
}
