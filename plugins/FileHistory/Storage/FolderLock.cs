using System.Globalization;

namespace PluginHost.Files.Storage;

/// <summary>
/// The ownership of a folder. A lock of the operating system on an open file, so that a crash frees it; who owns it stands in
/// a file beside, because the locked one cannot be read by others on every platform.
/// </summary>
internal sealed class FolderLock : IDisposable
{
    private const int LockedOnLinux = 11;
    private const int LockedOnMac = 35;
    private const int LockedOnWindows = unchecked((int)0x80070020);

    private readonly FileStream _lock;

    private FolderLock(FileStream file) => _lock = file;

    /// <exception cref="InvalidOperationException">Another owner has the folder.</exception>
    public static FolderLock Acquire(string folder, DateTimeOffset now)
    {
        var owner = Path.Combine(folder, ".owner");
        FileStream file;
        try
        {
            file = new FileStream(Path.Combine(folder, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        }
        catch (IOException e) when (e.HResult is LockedOnLinux or LockedOnMac or LockedOnWindows)
        {
            throw new InvalidOperationException(
                $"The folder '{folder}' belongs to {ReadOwner(owner)}: one host owns it at a time. Stop that one, or give this one another Path.", e);
        }

        try
        {
            var started = now.ToString("u", CultureInfo.InvariantCulture);
            File.WriteAllText(owner, $"process {Environment.ProcessId} on {Environment.MachineName}, since {started}\n");
            return new FolderLock(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public void Dispose() => _lock.Dispose();

    private static string ReadOwner(string path)
    {
        try
        {
            var owner = File.ReadAllText(path).Trim();
            return owner.StartsWith($"process {Environment.ProcessId} on {Environment.MachineName},", StringComparison.Ordinal)
                ? $"{owner} (this process: an instance from before a changed plugin may still be in use)"
                : owner;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "another process";
        }
    }
}
