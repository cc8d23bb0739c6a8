using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;

namespace PluginHost.Sqlite.Tests;

/// <summary>What SQLite does on Windows and macOS, with the answers of those systems injected.</summary>
public sealed class WindowsTests : StoreTestBase
{
    private const int FilePointer = 7, HasMoved = 20, Ok = 0, NotFound = 12;
    private const int MethodsOfVersion3 = 19, FileControl = 10;

    [Fact]
    public async Task A_commit_succeeds_when_the_system_cannot_say_whether_the_file_has_moved()
    {
        await using var database = Open();
        await RunAsync(database, static c => AnswerAsWindows(c.Connection));
        string? moved = null;
        await RunAsync(database, c =>
        {
            c.Execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('probe', 1)");
            moved = NativeFile.HasMoved(c.Connection).ToString();
        });

        Assert.Equal("False", moved);
        await using var again = Connect(database.Path);
        Assert.Equal(1L, QueryScalar(again, "SELECT count(*) FROM sqlite_sequence WHERE name = 'probe'"));
    }

    [Fact]
    public async Task Commits_reach_the_disk_on_macOS_too()
    {
        await using var database = Open();
        string? flushes = null;
        await RunAsync(database, c => flushes = c.ExecutePragma("fullfsync") + c.ExecutePragma("checkpoint_fullfsync"));

        Assert.Equal("11", flushes);
    }

    private static Task RunAsync(Database database, Action<PreparedConnection> action) => database.Writer.WriteAsync(new ActionRequest(action), None);

    /// <summary>Gives the open file the answer of SQLite's Windows layer: it does not know the question.</summary>
    private static unsafe void AnswerAsWindows(SqliteConnection connection)
    {
        nint file;
        fixed (byte* main = "main\0"u8) Assert.Equal(Ok, Control(connection.Handle!.DangerousGetHandle(), main, FilePointer, &file));
        var original = *(nint**)file;
        // One more than SQLite's methods: the store keeps the original write method after them.
        var methods = (nint*)NativeMemory.Alloc(MethodsOfVersion3 + 1, (nuint)sizeof(nint));
        new ReadOnlySpan<nint>(original, MethodsOfVersion3 + 1).CopyTo(new Span<nint>(methods, MethodsOfVersion3 + 1));
        methods[FileControl] = (nint)(delegate* unmanaged[Cdecl]<nint, int, void*, int>)&Answer;
        *(nint**)file = methods;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static unsafe int Answer(nint file, int operation, void* argument) => operation == HasMoved ? NotFound : Ok;

    [DllImport("e_sqlite3", EntryPoint = "sqlite3_file_control")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    private static extern unsafe int Control(nint database, byte* name, int operation, void* argument);
}
