namespace PluginHost.Engine.Plugins.Loading;

/// <summary>Locks on files, which the operating system releases when a process ends.</summary>
internal static class FileLock
{
    private const int WouldBlock = 11, WouldBlockOnMac = 35, SharingViolation = unchecked((int)0x80070020);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Marks a file as in use. Several processes can do so.</summary>
    public static FileStream Share(string path) => Open(path, FileAccess.Read, FileShare.Read);

    /// <summary>Takes a file for one owner; null while another has it or shares it.</summary>
    public static FileStream? TryTake(string path)
    {
        try
        {
            return Open(path, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e.HResult is WouldBlock or WouldBlockOnMac or SharingViolation)
        {
            return null;
        }
    }

    /// <summary>Waits for a file.</summary>
    /// <exception cref="IOException">Another process has it for too long.</exception>
    public static FileStream Take(string path, TimeSpan timeout)
    {
        for (var left = timeout; left > TimeSpan.Zero; left -= Pause)
        {
            if (TryTake(path) is { } taken) return taken;
            Task.Delay(Pause, TimeProvider.System).Wait();
        }

        throw new IOException($"Another process has locked '{path}' for {timeout.TotalSeconds:0} s.");
    }

    private static FileStream Open(string path, FileAccess access, FileShare share)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = access, Share = share };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = PrivateCopy.FileMode;
        return new FileStream(path, options);
    }
}
