namespace PluginHost.AnthropicModels;

/// <summary>Replaces the package's version header with the configured version.</summary>
internal sealed class VersionHandler(string version) : DelegatingHandler
{
    private const string Header = "anthropic-version";

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.Remove(Header);
        request.Headers.Add(Header, version);
        return base.SendAsync(request, cancellationToken);
    }
}
