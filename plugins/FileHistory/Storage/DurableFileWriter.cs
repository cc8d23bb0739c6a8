using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace PluginHost.Files.Storage;

/// <summary>What must reach the disk, in one place, so that tests can make it fail.</summary>
internal partial class Disk
{
    /// <summary>What the name of a file ends in that is not complete yet.</summary>
    public const string Temporary = ".tmp";

    private const int ReadOnlyDirectory = 0;
    private const int InvalidArgument = 22;

    public virtual void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset)
    {
        try
        {
            RandomAccess.Write(file, bytes, offset);
        }
        catch (ArgumentOutOfRangeException e)
        {
            // What the library makes of EFBIG: a limit of the process or the file system, and no fault of the caller's.
            throw new IOException("The file has reached the size that the system allows.", e);
        }
    }

    public virtual void Flush(SafeFileHandle file) => RandomAccess.FlushToDisk(file);

    /// <summary>Makes new, renamed and removed entries of a folder durable. Windows journals them itself and has no such call.</summary>
    public virtual void FlushFolder(string folder)
    {
        if (OperatingSystem.IsWindows()) return;
        var descriptor = Open(folder, ReadOnlyDirectory);
        if (descriptor < 0) throw Failure(folder);
        try
        {
            // Some file systems cannot flush a folder and say so with EINVAL; there is nothing more to be had there.
            if (Synchronize(descriptor) != 0 && Marshal.GetLastPInvokeError() != InvalidArgument) throw Failure(folder);
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    /// <summary>Puts a file in the place of another: after a crash there is the old one or the new one, whole.</summary>
    /// <param name="path">The file to replace; it need not exist.</param>
    /// <param name="write">Writes the new content.</param>
    public void Replace(string path, Action<SafeFileHandle> write)
    {
        var temporary = path + Temporary;
        try
        {
            using (var file = File.OpenHandle(temporary, FileMode.Create, FileAccess.Write))
            {
                write(file);
                Flush(file);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            TryDelete(temporary);
            throw;
        }
    }

    public static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The first error is the one to report; the next start removes what is left.
        }
    }

    private static IOException Failure(string folder) => new($"The folder '{folder}' could not be flushed: {Marshal.GetLastPInvokeErrorMessage()}.");

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Synchronize(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Close(int descriptor);
}
