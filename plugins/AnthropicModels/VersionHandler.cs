namespace PluginHost.AnthropicModels;

/// <summary>Names the version of the interface in each request, instead of the one that the package names.</summary>
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
