namespace PluginHost.Sdk;

/// <summary>
/// Says that a text option is the path of a file or folder, which must exist or, when it is <see cref="Writable"/>, may be created.
/// Relative paths are below the host's working directory. <c>check</c>, a start and a reload look at the path; they create nothing.
/// </summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class OptionPathAttribute : Attribute
{
    /// <summary>Whether it is the path of a folder; otherwise of a file.</summary>
    public bool Folder { get; init; }

    /// <summary>
    /// Whether the host must be able to write the file, or in the folder. What does not exist then needs a place where the host can create
    /// it with the folders above it. Otherwise the file or folder must exist.
    /// </summary>
    public bool Writable { get; init; }
}
