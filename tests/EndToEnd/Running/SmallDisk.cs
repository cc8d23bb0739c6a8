using System.Diagnostics;

namespace PluginHost.EndToEnd.Running;

/// <summary>
/// A real file system in memory that can fill up. Where the test may not mount one, a limit on the size of files of the host takes its
/// place, which lets small files grow on and stops larger ones.
/// </summary>
internal sealed class SmallDisk : IDisposable
{
    private const int Page = 4096;

    private readonly string _path;
    private readonly bool _isMounted;
    private RunningHost? _limited;
    private bool _isProtected;

    public SmallDisk(string path)
    {
        _path = path;
        Directory.CreateDirectory(path);
        _isMounted = Environment.IsPrivilegedProcess && Run("mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", path) == 0;
    }

    /// <summary>Leaves a few kilobytes, in which a first small write fits.</summary>
    public void Fill(RunningHost host)
    {
        if (!_isMounted)
        {
            _limited = host;
            var largest = Directory.GetFiles(_path, "*", SearchOption.AllDirectories).Where(f => !f.EndsWith(".reserve", StringComparison.Ordinal)).Max(f => new FileInfo(f).Length);
            Limit($"{largest + Page}:unlimited");
            return;
        }

        using var filler = new FileStream(FillerPath, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            while (true) filler.Write(new byte[Page]);
        }
        catch (IOException)
        {
            filler.SetLength(Math.Max(0, (filler.Length / Page * Page) - Page));
        }
    }

    /// <summary>Makes room again.</summary>
    public void Empty()
    {
        File.Delete(FillerPath);
        if (_limited is not null) Limit("unlimited:unlimited");
    }

    /// <summary>Makes it read-only. No process may have a file of the disk open.</summary>
    public void Protect()
    {
        if (_isMounted) Assert.Equal(0, Run("mount", "-o", "remount,ro", _path));
        else _isProtected = Run("chmod", "-R", "a-w", _path) == 0;
    }

    public void Dispose()
    {
        if (_isMounted) Run("umount", "-l", _path);
        if (_isProtected) Run("chmod", "-R", "u+w", _path);
    }

    private string FillerPath => Path.Combine(_path, "filler");

    private void Limit(string limit) => Assert.Equal(0, Run("prlimit", "--pid", $"{_limited!.Id}", $"--fsize={limit}"));

    private static int Run(string command, params string[] arguments)
    {
        using var process = Process.Start(command, arguments);
        process.WaitForExit();
        return process.ExitCode;
    }
}
