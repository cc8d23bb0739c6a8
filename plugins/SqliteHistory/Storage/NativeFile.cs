using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;

namespace PluginHost.Sqlite;

/// <summary>
/// The open database file of a connection, through SQLite's file interface (<c>sqlite3_file</c>, <c>sqlite3_io_methods</c>). Opening
/// the file a second time would release the process's locks on it.
/// </summary>
internal static unsafe class NativeFile
{
    private const int FilePointer = 7, HasMovedAway = 20; // SQLITE_FCNTL_FILE_POINTER, SQLITE_FCNTL_HAS_MOVED
    private const int WriteMethod = 3;
    private const int NotFound = 12; // SQLITE_NOTFOUND
    private const int SmallestPage = 512, LargestPage = 65_536;

    // The number of entries in the table of each version: the version, then the methods.
    private static readonly int[] Lengths = [0, 13, 17, 19];

    private static readonly int OriginalWrite = Lengths[^1];

    private static readonly ConcurrentDictionary<nint, nint> Tables = new();

    private static readonly delegate* unmanaged[Cdecl]<nint, byte*, int, void*, int> FileControl = FindFileControl();

    /// <summary>
    /// Makes a connection clear the <see cref="PageGap"/> of every page that it writes. In WAL mode only checkpoints write to the
    /// file: commits cost nothing, and after the log is truncated the file holds no byte of deleted content.
    /// </summary>
    /// <remarks>
    /// Replaces the method table of the open file by a copy with another <c>xWrite</c>. The process keeps one copy per kind of file.
    /// </remarks>
    public static void ClearGapsOnWrite(SqliteConnection connection)
    {
        nint file;
        Check(Control(connection, FilePointer, &file));
        var methods = (nint*)file;
        *methods = Tables.GetOrAdd(*methods, Copy);
    }

    /// <summary>Whether the file is no longer at its path. Writes to it are then lost when the last connection closes.</summary>
    public static bool HasMoved(SqliteConnection connection)
    {
        var moved = 0;
        var result = Control(connection, HasMovedAway, &moved);
        // SQLite has no answer on Windows, where a file cannot be moved or deleted while SQLite has it open.
        if (result == NotFound) return false;
        Check(result);
        return moved != 0;
    }

    private static int Control(SqliteConnection connection, int operation, void* argument)
    {
        fixed (byte* main = "main\0"u8) return FileControl(connection.Handle!.DangerousGetHandle(), main, operation, argument);
    }

    private static void Check(int result)
    {
        if (result != 0) throw new InvalidOperationException($"sqlite3_file_control failed with code {result}.");
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
        // SQLite writes whole pages, except for the header of a new file.
        if (count is < SmallestPage or > LargestPage) return write(file, bytes, count, offset);
        var page = new ReadOnlySpan<byte>(bytes, count);
        var gap = PageGap.Find(page, isFirst: offset == 0);
        if (!page[gap].ContainsAnyExcept((byte)0)) return write(file, bytes, count, offset);
        var clean = stackalloc byte[count];
        page.CopyTo(new Span<byte>(clean, count));
        new Span<byte>(clean, count)[gap].Clear();
        return write(file, clean, count, offset);
    }

    /// <summary>Gets the function from the native library that SQLitePCLRaw has loaded.</summary>
    private static delegate* unmanaged[Cdecl]<nint, byte*, int, void*, int> FindFileControl()
    {
        var library = NativeLibrary.Load("e_sqlite3", typeof(SQLitePCL.raw).Assembly, null);
        return (delegate* unmanaged[Cdecl]<nint, byte*, int, void*, int>)NativeLibrary.GetExport(library, "sqlite3_file_control");
    }
}
