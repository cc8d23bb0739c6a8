using PluginHost.Knowledge.Documents;

namespace PluginHost.Knowledge.Folders;

/// <summary>A document in a folder.</summary>
/// <param name="Path">Its path below the folder, with <c>/</c>.</param>
/// <param name="FullPath">Its absolute path.</param>
/// <param name="Size">Its size in bytes.</param>
/// <param name="Modified">When it was changed, in ticks of UTC.</param>
internal sealed record FoundFile(string Path, string FullPath, long Size, long Modified);

/// <summary>What a look at a folder found.</summary>
/// <param name="Files">The documents.</param>
/// <param name="Failures">What could not be read, by its path below the folder.</param>
/// <param name="IsComplete">Whether what is not among the documents is not in the folder.</param>
internal sealed record FolderListing(IReadOnlyList<FoundFile> Files, IReadOnlyList<(string Path, string Reason)> Failures, bool IsComplete);

/// <summary>Lists the documents of a folder and those below it. Hidden files and folders, and links to folders, are left out.</summary>
internal static class FolderScan
{
    public static EnumerationOptions Everything { get; } = new() { AttributesToSkip = 0, IgnoreInaccessible = false, RecurseSubdirectories = false };

    /// <param name="folder">The absolute path.</param>
    /// <param name="followsLinks">Whether links to files are followed. Tenants could link to what is not theirs.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static FolderListing List(string folder, bool followsLinks, CancellationToken cancellationToken)
    {
        var (files, failures, isComplete) = (new List<FoundFile>(), new List<(string, string)>(), true);
        var folders = new Stack<DirectoryInfo>([new DirectoryInfo(folder)]);
        while (folders.TryPop(out var next))
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                foreach (var entry in next.EnumerateFileSystemInfos("*", Everything))
                {
                    if (entry.Name.StartsWith('.')) continue;
                    if (entry is DirectoryInfo directory)
                    {
                        if (!IsLink(directory)) folders.Push(directory);
                    }
                    else if (DocumentReader.Reads(entry.Name) && Find((FileInfo)entry, folder, followsLinks) is { } file)
                    {
                        files.Add(file);
                    }
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                failures.Add((Path.GetRelativePath(folder, next.FullName), e is UnauthorizedAccessException ? "The host has no right to read it." : e.Message));
                // A disk that fails must not empty the index; a right that was taken away must.
                isComplete &= e is UnauthorizedAccessException or DirectoryNotFoundException;
            }
        }

        return new FolderListing(files, failures, isComplete);
    }

    public static bool IsLink(FileSystemInfo entry) => entry.LinkTarget is not null || (entry.Attributes & FileAttributes.ReparsePoint) != 0;

    /// <summary>Whether a path below a folder leads over a link.</summary>
    public static bool HasLink(string folder, string path)
    {
        var at = folder;
        foreach (var part in Path.GetRelativePath(folder, path).Split(Path.DirectorySeparatorChar))
        {
            at = Path.Combine(at, part);
            if (IsLink(new FileInfo(at))) return true;
        }

        return false;
    }

    /// <returns>Null for a link that is not followed, and for what has no size: nothing to index, or a pipe, which would block its reader.</returns>
    private static FoundFile? Find(FileInfo file, string folder, bool followsLinks)
    {
        try
        {
            var target = file;
            if (IsLink(file))
            {
                if (!followsLinks || file.ResolveLinkTarget(returnFinalTarget: true) is not FileInfo { Exists: true } linked) return null;
                target = linked;
            }

            return target.Length == 0
                ? null
                : new FoundFile(Path.GetRelativePath(folder, file.FullName).Replace('\\', '/'), file.FullName, target.Length, target.LastWriteTimeUtc.Ticks);
        }
        catch (IOException e) when (e is FileNotFoundException || IsLink(file))
        {
            // It was deleted since the folder was read, or is a link that leads in a circle.
            return null;
        }
    }
}
