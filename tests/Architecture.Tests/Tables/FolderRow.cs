namespace PluginHost.Architecture.Tables;

/// <summary>A folder of a project.</summary>
/// <param name="Path">Relative to the project; empty for the project's root.</param>
/// <param name="Holds">What is in it, in one sentence. docs/architecture.md shows it.</param>
internal sealed record FolderRow(string Path, string Holds)
{
    /// <summary>Which folders of its project it may use; null for all below it in the table.</summary>
    public IReadOnlyList<string>? Sees { get; init; }

    /// <summary>Whether it is a part of the folder that it lies in, so that both use each other freely.</summary>
    public bool IsPart { get; init; }
}
