using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;

namespace PluginHost.Sqlite;

/// <summary>
/// The database file as a connection has it open, by SQLite's own interface for files (<c>sqlite3_file</c>,
/// <c>sqlite3_io_methods</c>). It is never opened a second time, which would cost the process its locks on it.
/// </summary>
internal static unsafe class NativeFile
{
    private const int FilePointer = 7, HasMovedAway = 20; // SQLITE_FCNTL_FILE_POINTER, SQLITE_FCNTL_HAS_MOVED
    private const int WriteMethod = 3;
    private const int SmallestPage = 512, LargestPage = 65_536;

    // How many entries the table of each version has: the version itself, then methods.
    private static readonly int[] Lengths = [0, 13, 17, 19];

    private static readonly int OriginalWrite = Lengths[^1];

    private static readonly ConcurrentDictionary<nint, nint> Tables = new();

    private static readonly delegate* unmanaged[Cdecl]<nint, byte*, int, void*, int> FileControl = FindFileControl();

    /// <summary>
    /// Makes a connection clear the <see cref="PageGap"/> of every page that it writes. In WAL mode only checkpoints write to the
    /// file, so that a commit costs nothing, and after one that empties the log the file holds no byte of what was deleted.
    /// </summary>
    /// <remarks>
    /// The open file's table of methods is replaced by a copy with another <c>xWrite</c>. A copy is kept for the life of the
    /// process, one for each kind of file.
    /// </remarks>
    public static void ClearGaps(SqliteConnection connection)
    {
        nint file;
        Control(connection, FilePointer, &file);
        var methods = (nint*)file;
        *methods = Tables.GetOrAdd(*methods, Copy);
    }

    /// <summary>Whether the file is not at its path any more: what is written to it then is lost with the last connection.</summary>
    public static bool HasMoved(SqliteConnection connection)
    {
        int moved;
        Control(connection, HasMovedAway, &moved);
        return moved != 0;
    }

    private static void Control(SqliteConnection connection, int what, void* answer)
    {
        fixed (byte* main = "main\0"u8)
        {
            var result = FileControl(connection.Handle!.DangerousGetHandle(), main, what, answer);
            if (result != 0) throw new InvalidOperationException($"SQLite does not tell of its open file: {result}.");
        }
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
