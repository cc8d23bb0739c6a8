using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;

namespace PluginHost.WebConsole.Forms;

/// <summary>How large a form may be, and where it is while it is read. Immutable.</summary>
/// <param name="MaxRequestBodySize">How many bytes it may have.</param>
internal sealed record FormSize(long? MaxRequestBodySize) : IRequestSizeLimitMetadata
{
    /// <summary>The default.</summary>
    public static FormSize Default { get; } = new(8 * 1024 * 1024);

    /// <summary>For forms that need no log-in.</summary>
    public static FormSize OfAll { get; } = new(64 * 1024);

    /// <summary>For a file that is larger than other forms: it is kept on the disk, and the API decides how large it may be.</summary>
    public static FormSize OfFile { get; } = new(new FormOptions().MultipartBodyLengthLimit)
    {
        IsOnDisk = true,
        Options = new FormOptions { ValueCountLimit = 8, ValueLengthLimit = 16 * 1024 },
    };

    /// <summary>Whether what is large of it is on the disk, and not in memory.</summary>
    public bool IsOnDisk { get; private init; }

    /// <summary>How it is read.</summary>
    public FormOptions Options { get; private init; } = new();
}
