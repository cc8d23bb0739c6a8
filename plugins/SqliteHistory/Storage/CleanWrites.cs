using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;

namespace PluginHost.Sqlite;

/// <summary>
/// Makes a connection clear the <see cref="PageGap"/> of every page that it writes to the database file. In WAL mode only
/// checkpoints do that, so that a commit costs nothing, and after one that empties the log the file holds no byte of what was
/// deleted.
/// </summary>
/// <remarks>
/// By SQLite's own interface for files (<c>sqlite3_file</c>, <c>sqlite3_io_methods</c>): the open file's table of methods is
/// replaced by a copy with another <c>xWrite</c>. The file is never opened a second time, which would cost the process its
/// locks on it. A copy is kept for the life of the process, one for each kind of file.
/// </remarks>
internal static unsafe class CleanWrites
{
    private const int FilePointer = 7; // SQLITE_FCNTL_FILE_POINTER
    private const int WriteMethod = 3;
    private const int SmallestPage = 512, LargestPage = 65_536;

    // How many entries the table of each version has: the version itself, then methods.
    private static readonly int[] Lengths = [0, 13, 17, 19];

    private static readonly int OriginalWrite = Lengths[^1];

    private static readonly ConcurrentDictionary<nint, nint> Tables = new();

    private static readonly delegate* unmanaged[Cdecl]<nint, byte*, int, void*, int> FileControl = FindFileControl();

    public static void Install(SqliteConnection connection)
    {
        nint file;
        fixed (byte* main = "main\0"u8)
        {
            var result = FileControl(connection.Handle!.DangerousGetHandle(), main, FilePointer, &file);
            if (result != 0 || file == 0) throw new InvalidOperationException($"SQLite does not give its open file: {result}.");
        }

        var methods = (nint*)file;
        *methods = Tables.GetOrAdd(*methods, Copy);
    }

    private static nint Copy(nint original)
    {
        var from = (nint*)original;
        var version = Math.Min(*(int*)from, Lengths.Length - 1);
        var copy = (nint*)NativeMemory.AllocZeroed((nuint)(OriginalWrite + 1), (nuint)sizeof(nint));
        for (var i = 1; i < Lengths[version]; i++) copy[i] = from[i];
        *(int*)copy = version;
        copy[OriginalWrite] = from[WriteMethod];
        copy[WriteMethod] = (nint)(delegate* unmanaged[Cdecl]<nint, byte*, int, long, int>)&Write;
        return (nint)copy;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Write(nint file, byte* bytes, int count, long offset)
    {
        var table = *(nint**)file;
        var write = (delegate* unmanaged[Cdecl]<nint, byte*, int, long, int>)table[OriginalWrite];
        // SQLite writes whole pages, but for the header of a new file.
        if (count is < SmallestPage or > LargestPage) return write(file, bytes, count, offset);
        var page = new ReadOnlySpan<byte>(bytes, count);
        var gap = PageGap.Of(page, isFirst: offset == 0);
        if (!page[gap].ContainsAnyExcept((byte)0)) return write(file, bytes, count, offset);
        var clean = stackalloc byte[count];
        page.CopyTo(new Span<byte>(clean, count));
        new Span<byte>(clean, count)[gap].Clear();
        return write(file, clean, count, offset);
    }

    /// <summary>From the one native library of the process, the one that SQLitePCLRaw has loaded.</summary>
    private static delegate* unmanaged[Cdecl]<nint, byte*, int, void*, int> FindFileControl()
    {
        var library = NativeLibrary.Load("e_sqlite3", typeof(SQLitePCL.raw).Assembly, null);
        return (delegate* unmanaged[Cdecl]<nint, byte*, int, void*, int>)NativeLibrary.GetExport(library, "sqlite3_file_control");
    }
}
