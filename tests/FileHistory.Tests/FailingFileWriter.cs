using Microsoft.Win32.SafeHandles;
using PluginHost.Files.Storage;

namespace PluginHost.Files.Tests;

/// <summary>A file writer that can fail in the middle of a write or at a flush.</summary>
internal sealed class FailingFileWriter : DurableFileWriter
{
    public bool IsFull { get; set; }

    public bool CannotFlush { get; set; }

    /// <summary>Called before every flush of a file.</summary>
    public Action? BeforeFlush { get; set; }

    public override void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset)
    {
        base.Write(file, IsFull ? bytes[..(bytes.Length / 2)] : bytes, offset);
        if (IsFull) throw new IOException("No space left on device.");
    }

    public List<string> FlushedFolders { get; } = [];

    public override void FlushFolder(string folder)
    {
        lock (FlushedFolders) FlushedFolders.Add(folder);
        base.FlushFolder(folder);
    }

    /// <summary>Whether the system is one on which an open file cannot be replaced.</summary>
    public bool LocksOpen { get; set; }

    /// <summary>How many renames fail first, as on Windows while another program has the file open.</summary>
    public int RenamesInUse { get; set; }

    protected override bool LocksOpenFiles => LocksOpen;

    protected override void Rename(string from, string to)
    {
        if (RenamesInUse > 0 && --RenamesInUse >= 0) throw new UnauthorizedAccessException("Access to the path is denied.");
        base.Rename(from, to);
    }

    public override void Flush(SafeFileHandle file)
    {
        BeforeFlush?.Invoke();
        if (CannotFlush) throw new IOException("Input/output error.");
        base.Flush(file);
    }
}
