namespace PluginHost.Benchmarks;

/// <summary>A folder on the disk of the repository, which a temporary one need not be on. Git ignores it, because a kill leaves it. Disposing deletes it.</summary>
internal sealed class WorkFolder(string name) : IDisposable
{
    public string Path { get; } = Directory.CreateDirectory(System.IO.Path.Combine(Environment.CurrentDirectory, "artifacts", $"{name}-{Guid.NewGuid():N}")).FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
