using Microsoft.AspNetCore.Http.Metadata;

namespace PluginHost.WebConsole.Forms;

/// <summary>How large a form may be.</summary>
internal sealed record FormSize(long? MaxRequestBodySize) : IRequestSizeLimitMetadata;
