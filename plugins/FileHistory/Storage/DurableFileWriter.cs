using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace PluginHost.Files.Storage;

/// <summary>Writes and flushes files. Virtual, so that tests can simulate a failing disk.</summary>
internal partial class DurableFileWriter
{
    public const string TemporaryExtension = ".tmp";

    private const int ReadOnlyDirectory = 0;
    private const int InvalidArgument = 22;
    private const int FullSync = 51; // F_FULLFSYNC
    private const int SharingViolation = unchecked((int)0x80070020), AccessDenied = unchecked((int)0x80070005);
    private const int RenameAttempts = 100;
    private static readonly TimeSpan RenamePause = TimeSpan.FromMilliseconds(20);

    public virtual void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset)
    {
        try
        {
            RandomAccess.Write(file, bytes, offset);
        }
        catch (ArgumentOutOfRangeException e)
        {
            // The framework reports EFBIG this way: the process or the file system limits the size of files.
            throw new IOException("The file has reached the maximum size of the system.", e);
        }
    }

    /// <summary>Writes over bytes that the file has, which needs no space.</summary>
    public static void Overwrite(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset) => RandomAccess.Write(file, bytes, offset);

    public virtual void Flush(SafeFileHandle file) => RandomAccess.FlushToDisk(file);

    /// <summary>Makes new, renamed and removed entries of a folder durable. Windows does this itself and has no such call.</summary>
    public virtual void FlushFolder(string folder)
    {
        if (OperatingSystem.IsWindows()) return;
        var descriptor = Open(folder, ReadOnlyDirectory);
        if (descriptor < 0) throw CreateFlushError(folder);
        try
        {
            // Some file systems cannot flush a folder and return EINVAL, which is not a failure.
            if (SynchronizeFully(descriptor) != 0 && Marshal.GetLastPInvokeError() != InvalidArgument) throw CreateFlushError(folder);
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    /// <summary>Replaces a file atomically: after a crash the path holds the complete old file or the complete new one.</summary>
    /// <param name="path">The file to replace; it does not have to exist.</param>
    /// <param name="write">Writes the new content.</param>
    public void Replace(string path, Action<SafeFileHandle> write)
    {
        var temporary = path + TemporaryExtension;
        try
        {
            using (var file = PrivateFiles.Open(temporary, FileMode.Create, FileShare.Read))
            {
                write(file.SafeFileHandle);
                Flush(file.SafeFileHandle);
            }

            RenameWhenFree(temporary, path);
        }
        catch
        {
            TryDelete(temporary);
            throw;
        }
    }

    /// <summary>Whether the system keeps a file from being replaced while a program reads it.</summary>
    protected virtual bool LocksOpenFiles => OperatingSystem.IsWindows();

    protected virtual void Rename(string from, string to) => File.Move(from, to, overwrite: true);

    /// <summary>Waits up to two seconds for programs that have the file open, such as a reader of this host or a virus scanner.</summary>
    private void RenameWhenFree(string from, string to)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                Rename(from, to);
                return;
            }
            catch (Exception e) when (LocksOpenFiles && attempt < RenameAttempts && e.HResult is SharingViolation or AccessDenied)
            {
                Task.Delay(RenamePause, TimeProvider.System).Wait();
            }
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
            // Report the original error. The next start removes remaining temporary files.
        }
    }

    /// <summary>On macOS a plain flush leaves the data in the drive's cache; not all file systems there have the full one.</summary>
    private static int SynchronizeFully(int descriptor) =>
        OperatingSystem.IsMacOS() && Control(descriptor, FullSync) == 0 ? 0 : Synchronize(descriptor);

    private static IOException CreateFlushError(string folder) => new($"Could not flush the folder '{folder}': {Marshal.GetLastPInvokeErrorMessage()}.");

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Synchronize(int descriptor);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Control(int descriptor, int command);

    [LibraryImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Close(int descriptor);
}
