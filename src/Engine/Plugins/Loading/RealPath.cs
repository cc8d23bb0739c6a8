namespace PluginHost.Engine.Plugins.Loading;

/// <summary>Where a path leads when every link in it is followed.</summary>
/// <param name="Path">The path without links.</param>
/// <param name="Folders">The folders that decide where it leads: those above it, and those above each link on the way.</param>
internal sealed record RealPath(string Path, IReadOnlyList<string> Folders)
{
    /// <summary>As many as Linux follows.</summary>
    private const int MaxLinks = 40;

    /// <param name="path">An absolute path; what is not there is taken as it is written.</param>
    /// <exception cref="IOException">The links of the path lead in a circle.</exception>
    public static RealPath Resolve(string path)
    {
        var folders = new HashSet<string>(StringComparer.Ordinal);
        var rest = new Stack<string>(Parts(path));
        var real = System.IO.Path.GetPathRoot(path)!;
        var links = 0;
        while (rest.TryPop(out var part))
        {
            folders.Add(real);
            var next = System.IO.Path.GetFullPath(part, real);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                real = next;
                continue;
            }

            if (++links > MaxLinks) throw new IOException($"The links of '{path}' lead in a circle.");
            foreach (var step in Parts(target)) rest.Push(step);
            if (System.IO.Path.IsPathRooted(target)) real = System.IO.Path.GetPathRoot(target)!;
        }

        return new(real, [.. folders]);
    }

    /// <summary>The parts of a path, last first.</summary>
    private static IEnumerable<string> Parts(string path) =>
        path.Split(System.IO.Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries).Reverse();
}
