using System.Globalization;

namespace PluginHost.Files.Storage;

/// <summary>
/// The exclusive lock of a folder: an operating system lock on an open file, which a crash releases. Another file names the owner,
/// because some platforms do not allow others to read the locked file.
/// </summary>
internal sealed class FolderLock : IDisposable
{
    private const int LockedOnLinux = 11;
    private const int LockedOnMac = 35;
    private const int LockedOnWindows = unchecked((int)0x80070020);

    private readonly FileStream _lock;

    private FolderLock(FileStream file) => _lock = file;

    /// <exception cref="InvalidOperationException">Another host owns the folder, or a file is a link.</exception>
    public static FolderLock Acquire(string folder, DateTimeOffset now)
    {
        var owner = Path.Combine(folder, ".owner");
        var path = Path.Combine(folder, ".lock");
        RefuseLink(path);
        RefuseLink(owner);
        FileStream file;
        try
        {
            file = PrivateFiles.Open(path, FileMode.OpenOrCreate, FileShare.None);
        }
        catch (IOException e) when (e.HResult is LockedOnLinux or LockedOnMac or LockedOnWindows)
        {
            throw new InvalidOperationException(
                $"The folder '{folder}' is owned by {ReadOwner(owner)}. Stop that host, or set another Path.", e);
        }

        try
        {
            var started = now.ToString("u", CultureInfo.InvariantCulture);
            using (var named = new StreamWriter(PrivateFiles.Open(owner, FileMode.Create, FileShare.Read)))
                named.Write($"process {Environment.ProcessId} on {Environment.MachineName}, since {started}\n");
            return new FolderLock(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public void Dispose() => _lock.Dispose();

    /// <summary>The host writes into these files: a link would let another user choose which file is overwritten.</summary>
    private static void RefuseLink(string path)
    {
        if (new FileInfo(path).LinkTarget is { } target)
            throw new InvalidOperationException($"The file '{path}' is a link to '{target}', which the host does not follow. Remove it, and find out who made it.");
    }

    private static string ReadOwner(string path)
    {
        try
        {
            var owner = File.ReadAllText(path).Trim();
            return owner.StartsWith($"process {Environment.ProcessId} on {Environment.MachineName},", StringComparison.Ordinal)
                ? $"{owner} (this process; an instance of a replaced plugin may still use it)"
                : owner;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "another process";
        }
    }
}
